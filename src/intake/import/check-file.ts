// What would an import do? The file is carried out in a trial, and what came of it is compared with what is here. Nothing is written.
import { type entry, REFUND, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { MONEY } from "../effect/apply.ts";
import { differences, type SentRow } from "../replay.ts";
import { SENT, toStoredDraft } from "../stored-draft.ts";
import { addResult, emptyReport, type Found, type Report, type RowResult, type Sum } from "./report.ts";
import type { Row, Rows } from "./rows.ts";
import { openTrial, tryOut } from "./trial.ts";

type TrialEntry = SentRow & Pick<typeof entry.$inferSelect, "id" | "key" | "erasedCustomerId" | "rateDay">;

const COLUMNS = `id, key, ${SENT}, erased_customer_id AS erasedCustomerId, rate_day AS rateDay`;

const CONFLICT = "it was told before with other content, which stays";

/** Carries the rows out in a trial at `path`, and gives the report of what would be stored. */
export async function checkFile(
  context: Context,
  path: string,
  rows: Rows,
  options: {
    readonly onResult?: (line: number, result: RowResult) => void;
    readonly onProgress?: (rows: number) => void;
    readonly isStopped?: () => boolean;
  } = {},
): Promise<Report> {
  const { ledger, database, config } = context;
  const trial = await openTrial(context, path);
  try {
    const { sqlite } = trial.context.database;
    const entriesBetween = sqlite.prepare<[before: number, after: number], TrialEntry>(
      `SELECT ${COLUMNS} FROM entry WHERE id > ? AND id <= ?`,
    );
    const findHere = database.sqlite.prepare<[type: number, key: string], TrialEntry>(
      `SELECT ${COLUMNS} FROM entry WHERE type = ? AND key = ?`,
    );
    const report = emptyReport();
    const found: Found = { sums: [], firstAt: null, lastAt: null, newCustomers: 0, knownCustomers: 0, movedCustomers: 0, lacksRates: [] };
    let handled = 0;

    function sumOf(currency: string): Sum {
      const known = found.sums.find((sum) => sum.currency === currency);
      if (known) return known;
      const sum = { currency, sales: 0, salesMinor: "0", refunds: 0, refundsMinor: "0" };
      found.sums.push(sum);
      return sum;
    }

    function addEntry({ type, at, value, currency, rateDay }: TrialEntry): void {
      found.firstAt = Math.min(found.firstAt ?? at, at);
      found.lastAt = Math.max(found.lastAt ?? at, at);
      if (currency !== null && value !== null && type === SALE) {
        const sum = sumOf(currency);
        sum.sales += 1;
        sum.salesMinor = String(BigInt(sum.salesMinor) + BigInt(value));
        if (rateDay === null || (ledger.rates.find(currency, rateDay) ?? trial.context.ledger.rates.find(currency, rateDay)) !== undefined)
          return;
        const lacking = found.lacksRates.find((each) => each.currency === currency);
        if (lacking) lacking.sales += 1;
        else found.lacksRates.push({ currency, sales: 1 });
      }
      if (currency !== null && value !== null && type === REFUND) {
        const sum = sumOf(currency);
        sum.refunds += 1;
        sum.refundsMinor = String(BigInt(sum.refundsMinor) + BigInt(value));
      }
    }

    /** The result of a row that the trial recorded, by what is here already. */
    function compared(result: RowResult, entries: readonly TrialEntry[], isOfProvider: boolean): RowResult {
      if (result.result !== "recorded" || entries.length === 0) return result;
      let isNew = false;
      for (const each of entries) {
        const here = findHere.get(each.type, each.key);
        if (here === undefined) {
          isNew = true;
          addEntry(each);
        } else if (
          here.erasedCustomerId === null &&
          // What a provider tells again is the same if its money is.
          differences(here, toStoredDraft(each, config.currency), each.currency).some(({ path }) => !isOfProvider || MONEY.has(path))
        )
          return { result: "conflict", reason: CONFLICT };
      }
      return isNew ? result : { result: "duplicate" };
    }

    const onRow = (row: Row, result: RowResult, before: number, after: number) => {
      const final = compared(result, after > before ? entriesBetween.all(before, after) : [], "meaning" in row.content);
      addResult(report, row.line, final);
      options.onResult?.(row.line, final);
      handled += 1;
      options.onProgress?.(handled);
    };
    await tryOut(trial, rows, onRow, options.isStopped);
    await countCustomers(context, trial.context, found);
    found.sums.sort((one, other) => (one.currency < other.currency ? -1 : 1));
    return { ...report, notes: [...rows.notes()], found };
  } finally {
    trial.close();
  }
}

/** Which customers of the trial are here already, by any of their names, clicks and visitors? And whose first touch would be in an earlier month? */
async function countCustomers(
  { database: { sqlite }, calendar }: Context,
  { database: { sqlite: trial } }: Context,
  found: Found,
): Promise<void> {
  type Known = { id: number; externalId: string | null; knownEmail: string | null; knownAlias: string | null; firstAt: number | null };
  const page = trial.prepare<[after: number], Known>(
    `SELECT id, external_id AS externalId, known_email AS knownEmail, known_alias AS knownAlias,
       (SELECT min(at) FROM (SELECT min(at) AS at FROM entry WHERE customer_id = c.id UNION ALL SELECT min(at) FROM profile_update WHERE customer_id = c.id AND is_creation)) AS firstAt
     FROM customer AS c WHERE id > ? ORDER BY id LIMIT 250`,
  );
  const claimsOf = trial.prepare<[customerId: number], { kind: string; value: string }>(
    "SELECT kind, value FROM claim WHERE customer_id = ?",
  );
  const findHere = {
    externalId: sqlite.prepare<[string | null], number>("SELECT customer_id FROM external_id WHERE external_id = ?").pluck(),
    knownEmail: sqlite.prepare<[string | null], number>("SELECT id FROM customer WHERE known_email = ?").pluck(),
    knownAlias: sqlite.prepare<[string | null], number>("SELECT id FROM customer WHERE known_alias = ?").pluck(),
  };
  const ownerOf = sqlite
    .prepare<[kind: string, value: string], number>("SELECT customer_id FROM claim WHERE kind = ? AND value = ?")
    .pluck();
  const firstTouchOf = sqlite
    .prepare<[id: number], number | null>("SELECT first_touch_at FROM customer WHERE id = ? AND deleted_at IS NULL")
    .pluck();
  const isOver = openTurn();
  for (let after = 0; ; ) {
    const rows = page.all(after);
    for (const row of rows) {
      after = row.id;
      const { externalId, knownEmail, knownAlias, firstAt } = row;
      if (firstAt === null) continue;
      const claims = claimsOf.all(row.id);
      const named = (kind: string, value: string | null) => (value === null ? undefined : ownerOf.get(kind, value));
      const id =
        findHere.externalId.get(externalId) ??
        named("email", knownEmail) ??
        findHere.knownEmail.get(knownEmail) ??
        named("alias", knownAlias) ??
        findHere.knownAlias.get(knownAlias) ??
        claims.map(({ kind, value }) => ownerOf.get(kind, value)).find((owner) => owner !== undefined);
      const firstTouchAt = id === undefined ? null : (firstTouchOf.get(id) ?? null);
      if (firstTouchAt === null) found.newCustomers += 1;
      else {
        found.knownCustomers += 1;
        if (calendar.monthOf(firstAt) < calendar.monthOf(firstTouchAt)) found.movedCustomers += 1;
      }
      if (isOver()) await nextTurn();
    }
    if (rows.length === 0) return;
  }
}
