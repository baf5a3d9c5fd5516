// Are the most important promises kept in a few rounds? `bun run drill` tests the same much harder.
import { describe, test } from "bun:test";
import { bulk } from "./bulk.ts";
import { erasure } from "./erasure.ts";
import { guessing } from "./guessing.ts";
import { keep } from "./keep.ts";
import { kill9 } from "./kill9.ts";
import { sameness } from "./sameness.ts";
import { standby } from "./standby.ts";
import { webhooks } from "./webhooks.ts";

describe("a few rounds of the drill", () => {
  test("kill -9: what was answered is on disk", () => keep(kill9, 4), 60_000);
  test("bulk: an import is there wholly or not at all", () => keep(bulk, 1), 60_000);
  test("erasure: no byte is left, and the controls find some", () => keep(erasure, 2), 60_000);
  test("guessing: no guess at an erased person is confirmed, and the controls confirm some", () => keep(guessing), 60_000);
  test("standby: what was answered is there after a promotion", () => keep(standby, 2), 120_000);
  test("sameness: a sale sent a thousand times is one", () => keep(sameness, 2), 60_000);
  test("webhooks: each arrives, in order, through kills and beside dead endpoints", () => keep(webhooks, 500), 60_000);
});
