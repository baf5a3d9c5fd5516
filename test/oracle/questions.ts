// Which questions are asked of a world, and how are two worlds' answers compared?
import { answer } from "./answer.ts";
import { attribution, MODELS } from "./attribution.ts";
import type { Facts } from "./derive.ts";
import { customer, journey } from "./people.ts";
import type { World } from "./world.ts";

/** Reports about all customers. */
export const TOTALS: readonly string[] = [
  "/customers/count",
  ...["week", "month", "source", "campaign"].flatMap((grouping) =>
    ["", "&start=2020-02-29&end=2021-03-28", "&start=2021-07-01T00:00:00.001Z", "&end=2021-10-31", "&start=2021-10-31&end=2021-10-31"].map(
      (range) => `/customers/cohorts?group_by=${grouping}${range}`,
    ),
  ),
  ...["day", "week", "month"].flatMap((span) =>
    [
      "&start=2021-03-28T01:30:00Z&end=2021-11-20T12:00:00.001Z",
      "&start=2021-10-31&end=2022-01-31",
      "&start=2021-07-08T00:00:00Z&end=2021-07-08T12:00:00Z",
      ...(span === "day" ? [] : ["", "&start=2021-07-01T00:00:00.001Z"]),
    ].map((range) => `/customers/revenue?group_by=${span}${range}`),
  ),
  ...["calendar", "elapsed"].flatMap((period) =>
    ["months=12", "months=24&end=2021-11", "months=60&end=2022-03", "months=6&end=2021-04", "months=3&end=2022-02"].map(
      (query) => `/customers/ltv-cohorts?${query}&period=${period}`,
    ),
  ),
];

/** Reports about one customer: the rest of the path after `/customers/:id`. */
export const PERSONAL: readonly string[] = [
  "",
  "/journey?limit=1000",
  "/journey?summary=true&start=2020-02-29&end=2021-07-08",
  "/journey?limit=1000&start=2021-10-31",
  ...MODELS.map((model) => `/attribution?model=${model}`),
  "/attribution?model=linear&window_days=7",
  "/attribution?model=time_decay&window_days=365",
];

/** The oracle's answer to one of PERSONAL. */
export function personal(world: World, facts: Facts, path: string): unknown {
  const url = new URL(path, "http://localhost");
  const query = (name: string) => url.searchParams.get(name) ?? undefined;
  if (url.pathname === "/journey") return journey(world, facts, query("summary") !== "true", query("start"), query("end"));
  const model = MODELS.find((known) => known === query("model")) ?? "last";
  if (url.pathname === "/attribution") return attribution(world, facts, model, Number(query("window_days") ?? world.windowDays));
  return customer(world, facts);
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Every answer of an oracle's world. Customers are identified by content, because their numbers depend on the order of arrival. */
export function everything(world: World): string[] {
  const live = [...world.derived.facts.values()].filter((facts) => !facts.erased);
  return [
    ...TOTALS.map((path) => `${path} ${canonical(answer(world, path))}`),
    ...live.map((facts) => canonical(PERSONAL.map((path) => personal(world, facts, path)))).sort(),
  ];
}
