// How do the keys that an earlier version derived from content, as plain hashes, become hashes with the secret? Once, at the first start of
// this version, in short writes. The new key is a hash of the old one, so replays are still recognized.
import type { Database } from "../../db/database.ts";
import { CLICK, DEFAULTED, SALE, type setting } from "../../db/schema.ts";
import { CLICK_ID_PREFIX, conceal, DIGEST_LENGTH } from "./key.ts";

/** The setting with the id of the last entry whose key is concealed; `all` if nothing is left. */
const DONE_UP_TO = "keys_concealed";
const CHUNK = 2000;

/** A key derived from content. It may begin with `clk_`, and end with a random part. */
const GENERATED_KEY = new RegExp(`^(${CLICK_ID_PREFIX})?([\\w-]{${DIGEST_LENGTH}})(\\.[0-9a-f-]{13})?$`);

const IS_GENERATED_CLICK = `type = ${CLICK} AND defaulted & ${DEFAULTED.clickId}`;
/** The entry's key is generated: it was sent without an eventId, without an orderId of a sale, and without a clickId of a click. */
const HAS_GENERATED_KEY = `length(key) >= ${DIGEST_LENGTH} AND (${IS_GENERATED_CLICK} OR type <> ${CLICK} AND event_id IS NULL AND NOT (type = ${SALE} AND order_id IS NOT NULL))`;
/** `column` (with its table) holds a generated clickId. The key of the click must be concealed already. */
const isGeneratedClickId = (column: string) =>
  `${column} GLOB '${CLICK_ID_PREFIX}*' AND EXISTS (SELECT 1 FROM entry AS made WHERE made.type = ${CLICK} AND made.key = conceal(${column}) AND made.defaulted & ${DEFAULTED.clickId})`;

/** The updates of other columns with generated keys or clickIds. */
const REFERENCES = [
  `UPDATE claim SET key = conceal(key) WHERE EXISTS (SELECT 1 FROM entry WHERE id = claim.entry_id AND ${HAS_GENERATED_KEY})`,
  `UPDATE OR IGNORE said_status SET key = conceal(key) WHERE EXISTS (SELECT 1 FROM entry WHERE type = said_status.type AND key = conceal(said_status.key) AND ${HAS_GENERATED_KEY})`,
  `UPDATE claim SET value = conceal(value) WHERE kind = 'click' AND ${isGeneratedClickId("claim.value")}`,
  `UPDATE pending_reassignment SET value = conceal(value) WHERE kind = 'click' AND ${isGeneratedClickId("pending_reassignment.value")}`,
  `UPDATE profile_update SET click_id = conceal(click_id) WHERE ${isGeneratedClickId("profile_update.click_id")}`,
  `UPDATE pinned_click SET click_id = conceal(click_id) WHERE ${isGeneratedClickId("pinned_click.click_id")}`,
  `UPDATE customer SET click_id = conceal(click_id) WHERE ${isGeneratedClickId("customer.click_id")}`,
] as const;

/**
 * Conceals every key derived from content, unless this was done before. After a kill it continues where it stopped. Nobody else may write
 * meanwhile. Throws Unusable while a server uses the database.
 */
export async function concealKeys(database: Database): Promise<void> {
  const { sqlite, secret } = database;
  const read = sqlite.prepare<[name: string], (typeof setting.$inferSelect)["value"]>("SELECT value FROM setting WHERE name = ?").pluck();
  const note = sqlite.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
  const highest = Number(sqlite.prepare("SELECT coalesce(max(id), 0) FROM entry").pluck().get());
  const done = read.get(DONE_UP_TO);
  if (done === "all") return;
  if (highest === 0) return void database.write(() => note.run(DONE_UP_TO, "all"));

  async function inChunks(first: number, last: number, work: (from: number, upTo: number) => void): Promise<void> {
    for (let from = first; from < last; from += CHUNK) {
      database.write(() => work(from, Math.min(from + CHUNK, last)));
      await new Promise((resume) => setTimeout(resume, 0));
    }
  }

  const lock = database.hold();
  try {
    secret.hash(""); // reads the secret now, as the connection cannot run another statement within one
    sqlite.function("conceal", { directOnly: true }, (key) => {
      const [, prefix = "", digest, ending = ""] = GENERATED_KEY.exec(String(key)) ?? [];
      return digest === undefined ? key : prefix + conceal(digest, secret) + ending;
    });
    const inRange = "id > :from AND id <= :upTo";
    const keys = sqlite.prepare(`UPDATE entry SET key = conceal(key) WHERE ${inRange} AND ${HAS_GENERATED_KEY}`);
    const clickIds = sqlite.prepare(
      `UPDATE entry SET click_id = conceal(click_id) WHERE ${inRange} AND ${isGeneratedClickId("entry.click_id")}`,
    );
    const references = REFERENCES.map((statement) => sqlite.prepare(statement));
    // A key must not be concealed twice, so the progress is stored in the same transaction.
    await inChunks(Number(done ?? 0), highest, (from, upTo) => {
      keys.run({ from, upTo });
      note.run(DONE_UP_TO, String(upTo));
    });
    // A concealed clickId matches no click when it is concealed again, so repeating this is harmless.
    await inChunks(0, highest, (from, upTo) => void clickIds.run({ from, upTo }));
    database.write(() => {
      for (const statement of references) statement.run();
      note.run(DONE_UP_TO, "all");
    });
  } finally {
    lock.release();
  }
}
