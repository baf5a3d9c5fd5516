// Do the answers about single customers agree with the log and with each
// other? Checked for a sample, since each customer takes several requests.
import { toCustomerId } from "../value/id.ts";
import { toMajor } from "../value/money.ts";
import type { Facts } from "./fact.ts";
import type { Findings } from "./finding.ts";
import type { Ask } from "./served.ts";

/** The most customers in the sample. */
const SAMPLE = 60;
const MODELS = ["first", "last", "linear", "position", "time_decay"] as const;

export interface Sample {
  add(id: number, facts: Facts): void;
  readonly people: readonly { id: number; facts: Facts }[];
  /** How many customers were added, in the sample or not. */
  readonly count: number;
}

/** A sample that keeps every n-th of the added customers, evenly spread. n doubles whenever the sample is full. */
export function openSample(): Sample {
  let people: { id: number; facts: Facts }[] = [];
  let step = 1;
  let count = 0;
  return {
    add(id, facts) {
      if (count++ % step === 0) people.push({ id, facts });
      if (people.length <= SAMPLE) return;
      people = people.filter((_, index) => index % 2 === 0);
      step *= 2;
    },
    get people() {
      return people;
    },
    get count() {
      return count;
    },
  };
}

interface Credit {
  touches: number;
  clicks: number;
  sales: number;
  revenue: number;
}

interface CreditAnswer {
  revenue: number;
  touches: number;
  clicks: number;
  links: Credit[];
  campaigns: Credit[];
  sources: Credit[];
}

/**
 * Compares the revenue and sales in a customer's record, journey and attribution
 * with the log (definitions §4, §9). `decimals` are those of the reporting currency.
 */
export async function verifyPeople(ask: Ask, sample: Sample, decimals: number, findings: Findings): Promise<void> {
  const counted = (await ask("/customers/count")) as { count: number } | undefined;
  if (counted) findings.compare(() => "/customers/count: count", counted.count, sample.count);
  for (const [index, { id, facts }] of sample.people.entries()) {
    const path = `/customers/${toCustomerId(id)}`;
    const revenue = toMajor(facts.gross - facts.refunds, decimals);
    const served = (await ask(path)) as { ltv: number; sales: number } | undefined;
    findings.compare(() => `${path}: ltv`, served?.ltv, revenue);
    findings.compare(() => `${path}: sales`, served?.sales, facts.sales);
    const journey = (await ask(`${path}/journey?summary=true`)) as { summary: { revenue: number; sales: number } } | undefined;
    findings.compare(() => `${path}/journey: revenue`, journey?.summary.revenue, revenue);
    findings.compare(() => `${path}/journey: sales`, journey?.summary.sales, facts.sales);
    const model = MODELS[index % MODELS.length];
    const credit = (await ask(`${path}/attribution?model=${model}`)) as CreditAnswer | undefined;
    if (!credit) continue;
    findings.compare(() => `${path}/attribution?model=${model}: revenue`, credit.revenue, revenue);
    findings.compare(() => `${path}/attribution?model=${model}: touches`, credit.touches, facts.touches);
    findings.compare(() => `${path}/attribution?model=${model}: clicks`, credit.clicks, facts.clicks);
    for (const list of ["links", "campaigns", "sources"] as const) {
      const units = (value: number, digits: number) => Math.round(value * 10 ** digits);
      const rows = credit[list];
      const what = (field: string) => () => `${path}/attribution?model=${model}: Σ ${field} of ${list}`;
      const money = rows.reduce((all, row) => all + units(row.revenue, decimals), 0);
      const sales = rows.reduce((all, row) => all + units(row.sales, 4), 0);
      findings.compare(what("revenue"), money, facts.gross - facts.refunds);
      findings.compare(what("sales"), sales, facts.sales * 10_000);
      for (const field of ["touches", "clicks"] as const)
        findings.compare(
          what(field),
          rows.reduce((all, row) => all + row[field], 0),
          facts[field],
        );
    }
  }
}
