// Do keys made of content tell nothing to who has a copy of the database, and are replays recognised all the same, also those of an earlier version?
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { openWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { conceal } from "../../src/intake/key.ts";
import { openWorld, type World } from "../harness.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { verifyWorld } from "../verify/world.ts";

/** Entries without a key of their own, and one that names a click by the clickId that was made for it. */
const KEYLESS = [
  { type: "click", timestamp: "2026-02-01T09:00:00Z", visitorId: "v-1", url: "https://shop.example/?from=ann", source: "google" },
  { type: "lead", timestamp: "2026-02-01T10:00:00Z", externalId: "ann", email: "ann@example.com", visitorId: "v-1" },
  { type: "sale", timestamp: "2026-02-02T10:00:00Z", email: "ann@example.com", value: 20 },
  { type: "custom", event: "tour", timestamp: "2026-02-03T10:00:00Z", externalId: "ann" },
];
const KEYED = { type: "sale", orderId: "o1", timestamp: "2026-02-04T10:00:00Z", externalId: "ann", value: 5 };

interface Batch {
  accepted: number;
  duplicates: number;
  results: { clickId?: string }[];
}

async function record(world: World): Promise<Batch> {
  const { data } = (await world.request<Batch>("POST", "/events", [...KEYLESS, KEYED])).body;
  return data;
}

const texts = (world: World) =>
  world.workspace.database.sqlite
    .prepare(
      "SELECT key FROM entry UNION ALL SELECT click_id FROM entry WHERE click_id IS NOT NULL UNION ALL SELECT key FROM claim UNION ALL SELECT value FROM claim",
    )
    .pluck()
    .all() as string[];

/** Puts back what an earlier version stored: the hash of the content instead of its HMAC. `plain` gives the one for the other. */
function makeOld(world: World, plain: (key: string) => string): void {
  const { sqlite } = world.workspace.database;
  sqlite.function("plain", { directOnly: true }, (key) => plain(String(key)));
  sqlite.exec(`
    UPDATE entry SET key = plain(key);
    UPDATE entry SET click_id = plain(click_id) WHERE click_id IS NOT NULL;
    UPDATE claim SET key = plain(key) WHERE entry_id IS NOT NULL;
    UPDATE claim SET value = plain(value) WHERE kind = 'click';
    UPDATE customer SET click_id = plain(click_id) WHERE click_id IS NOT NULL;
    DELETE FROM setting WHERE name = 'keys_concealed'`);
}

test("a key made of content is no hash that a guess at the content leads to", async () => {
  const path = newDatabasePath();
  const world = openWorld({ config: { databasePath: path } });
  await record(world);
  const { secret } = world.workspace.database;
  const digest = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 27);
  // What a guess at the last entry comes to: its content in the order in which it is hashed.
  const guess = digest(
    JSON.stringify({
      ...{
        type: 3,
        externalId: "ann",
        email: null,
        name: null,
        avatar: null,
        country: null,
        clickId: null,
        visitorId: null,
        event: "tour",
      },
      ...{ eventId: null, orderId: null, link: null, url: null, referrer: null, at: Date.parse("2026-02-03T10:00:00Z") },
      ...{ source: null, campaign: null, medium: null, currency: null, status: "approved", value: null, metadata: null },
    }),
  );
  expect(texts(world)).toContain(conceal(guess, secret)); // the guess is right …
  expect(texts(world).filter((text) => text.includes(guess))).toEqual([]); // … and cannot be told from the database
  expect(statSync(`${path}.secret`).mode & 0o777).toBe(0o600);
  expect(readFileSync(path).includes(readFileSync(`${path}.secret`, "utf8").trim())).toBe(false);
  expect((await record(world)).duplicates).toBe(5);
  await world.close();
});

test("keys of an earlier version are concealed at the start, replays are recognised, and nothing else changes", async () => {
  const path = newDatabasePath();
  const world = openWorld({ config: { databasePath: path } });
  const { results } = await record(world);
  const made = String(results[0]?.clickId);
  // A clickId of the caller's own, which only looks like one that was made.
  const own = { type: "click", clickId: `clk_${"own".repeat(9)}`, externalId: "bob", timestamp: "2026-02-06T10:00:00Z" };
  await world.request("POST", "/events", own);
  await world.request("POST", "/events", { type: "lead", eventId: "e1", timestamp: "2026-02-05T10:00:00Z", clickId: made });
  const report = async (of: World) =>
    JSON.parse((await of.request("GET", "/customers/ext_ann/attribution")).text.replaceAll(/"clk_[^"]*"/g, '"made"')).data;
  await world.workspace.ledger.ensureFresh();
  const before = await report(world);
  const concealedTexts = texts(world);
  // The old keys: any text of their form, from which the new ones follow.
  const old = new Map(
    concealedTexts.map((text) => [
      text,
      text === own.clickId
        ? text
        : text.replace(
            /^(clk_)?([\w-]{27})/,
            (_, prefix = "", rest) => prefix + createHash("sha256").update(rest).digest("base64url").slice(0, 27),
          ),
    ]),
  );
  makeOld(world, (key) => old.get(key) ?? key);
  await world.close();

  for (let start = 0; start < 2; start++) {
    const workspace = await openWorkspace(readConfig({ DATABASE_PATH: path }), { log: silentLog() });
    await workspace.close();
  }
  const again = openWorld({ config: { databasePath: path } });
  const { secret } = again.workspace.database;
  const expected = concealedTexts.map((text) => {
    if (text === own.clickId) return text;
    const [, prefix = "", digest, ending = ""] = /^(clk_)?([\w-]{27})(\.[0-9a-f-]{13})?$/.exec(old.get(text) ?? text) ?? [];
    return digest === undefined ? text : prefix + conceal(digest, secret) + ending;
  });
  expect(texts(again).sort()).toEqual(expected.sort());
  expect(await report(again)).toEqual(before);
  expect((await verifyWorld(again)).kept).toEqual([]);
  await again.close();
});
