// Is every page of a journey bounded by its size, and does the cursor then go on?
import { expect, test } from "bun:test";
import type { JourneyAnswer } from "../../../src/report/journey/answer.ts";
import { openWorld, type Reply } from "../../harness.ts";

test("a page of very long texts ends early, and the pages make up the whole", async () => {
  const world = openWorld();
  const metadata = { note: "x".repeat(16_000) };
  const COUNT = 300; // 4.8 million characters
  const entries = Array.from({ length: COUNT }, (_, n) => ({
    type: "lead",
    eventId: `l-${n}`,
    externalId: "ann",
    timestamp: 1_770_000_000 + n,
    metadata,
  }));
  expect((await world.request("POST", "/events", entries)).status).toBe(200);
  const sizes: number[] = [];
  const seen: (string | null)[] = [];
  for (let cursor: string | null | undefined = ""; cursor != null; ) {
    const path: string = `/customers/ext_ann/journey?limit=1000${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const { text, body }: Reply<JourneyAnswer> = await world.request<JourneyAnswer>("GET", path);
    sizes.push(text.length);
    seen.push(...(body.data.entries ?? []).map(({ eventId }) => eventId));
    cursor = body.data.nextCursor;
  }
  expect(Math.max(...sizes)).toBeLessThan(2_200_000);
  expect(sizes).toHaveLength(3);
  expect(seen).toEqual(entries.map(({ eventId }) => eventId));
  await world.close();
});
