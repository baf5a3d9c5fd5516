// What does `?explain=true` add to a report? The rules that apply, and the numerator and denominator of each ratio.
import { type Static, type TProperties, Type } from "@sinclair/typebox";
import type { Config } from "../host/config.ts";
import { Flag } from "../http/wire.ts";

/** One rule that a report follows. */
export const Rule = Type.Object(
  {
    rule: Type.String({ description: "The rule in words. The definitions §1 to §10 are at /docs/definitions." }),
    section: Type.String({ pattern: "^§\\d+$", description: "The section of the definitions with this rule, §1 to §10." }),
  },
  { description: "A rule and its section of the definitions, §1 to §10." },
);
export type Rule = Static<typeof Rule>;

/** The numerator and denominator of a ratio or an average. */
export const Quotient = Type.Object(
  {
    numerator: Type.Number({ description: "The numerator: an amount in major units of `currency`, or a count (definitions §7, §8)." }),
    denominator: Type.Integer({
      minimum: 0,
      description: "The denominator: a count. If it is 0, the figure is null (definitions §7, §8).",
    }),
  },
  {
    description:
      "numerator ÷ denominator; rounded once, half away from zero: ratios to 4 decimals, averages to the minor unit (definitions §3).",
  },
);
export type Quotient = Static<typeof Quotient>;

/** The path of the list of customers behind a figure. */
export const PeoplePath = Type.String({
  description:
    "The path of the list of these customers; `/customers/count` takes the same parameters. Erased members are counted in the figure but missing from the list (definitions §10).",
});

/** The query parameter `explain`. */
export const ExplainQuery = {
  explain: Flag({
    default: false,
    description: "Adds the `rules` that apply, each with its section of the definitions, and how each figure is computed.",
  }),
};

/** The schema of `rules`: one rule for each name, the same in every answer of a report. */
export function rulesOf<const Names extends readonly string[]>(names: Names) {
  const properties = Object.fromEntries(names.map((name) => [name, Rule])) as Record<Names[number], typeof Rule>;
  return Type.Object(properties as TProperties, {
    description: "With `explain=true`: the rules of this report, each with its section of the definitions, §1 to §10.",
  });
}

/** A rule and its section of the definitions. */
export const rule = (section: number, text: string): Rule => ({ rule: text, section: `§${section}` });

/** The rules of money, time and erasure that all reports have in common, for these settings. */
export function commonRules({ timezone, currency }: Pick<Config, "timezone" | "currency">) {
  return {
    zone: rule(2, `Days, weeks and months are in the time zone ${timezone}, including daylight saving time.`),
    currency: rule(
      3,
      `Amounts are in ${currency}. A sale in another currency is converted at the newest rate dated on or before its day, and rounded once. A sale without a rate is in no figure; it is listed under unconverted.`,
    ),
    revenue: rule(
      4,
      "A sale counts when its status is approved or refunded. Revenue is the value of counted sales minus their refunds. Refunds are applied in log order, and never take more than is left of the sale.",
    ),
    rounding: rule(
      3,
      "Sums are exact. Averages are rounded to the minor unit and ratios to 4 decimals, half away from zero, and only once, at the end.",
    ),
    erasure: rule(10, "Erased customers stay in every figure. Their personal data is deleted, so no list shows them."),
  };
}
/** Their names. */
export const COMMON_RULES = ["zone", "currency", "revenue", "rounding", "erasure"] as const;

/** A path with a query string of the parameters that are defined. */
export function toPath(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
