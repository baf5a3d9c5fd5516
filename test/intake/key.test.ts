// Do entries without a key of their own keep the key that earlier versions made for them? A replay after an upgrade would count twice otherwise.
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { openDatabase } from "../../db/database.ts";
import { DEFAULTED, REFUND } from "../../db/schema.ts";
import { keyOf } from "../../src/intake/key.ts";
import { parseEntry } from "../../src/intake/parse-entry.ts";
import { openWorld } from "../harness.ts";
import { newDatabasePath } from "../temporary-folder.ts";

/** What version 1 hashed of a refund: it had no status and no aliases. */
const CONTENT =
  '{"type":4,"externalId":null,"email":null,"name":null,"avatar":null,"country":null,"clickId":null,"visitorId":null,"event":null,"eventId":null,' +
  '"orderId":"o","link":null,"url":null,"referrer":null,"at":1770000000000,"source":null,"campaign":null,"medium":null,"currency":null,"status":null,"value":"90000","metadata":null}';

test("a refund without an eventId", async () => {
  const { secret, ...database } = openDatabase(newDatabasePath());
  const world = openWorld();
  const parsed = parseEntry({ type: "refund", orderId: "o", value: 9, timestamp: 1770000000000 }, world.workspace);
  if ("details" in parsed) throw new Error("the refund is refused");
  expect([parsed.draft.type, parsed.draft.defaulted]).toEqual([REFUND, DEFAULTED.source | DEFAULTED.campaign | DEFAULTED.medium]);
  const digest = createHash("sha256").update(CONTENT).digest("base64url").slice(0, 27);
  expect(keyOf(parsed.draft, secret)).toBe(secret.hash(digest).slice(0, 27));
  expect(keyOf({ ...parsed.draft, status: "rejected" }, secret)).not.toBe(keyOf(parsed.draft, secret));
  database.close();
  await world.close();
});
