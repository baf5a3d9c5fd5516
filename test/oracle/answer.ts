// What should a GET answer? The oracle's answer to a path of api.md.
import { attribution, MODELS, type Model } from "./attribution.ts";
import { cohorts, type Grouping } from "./cohorts.ts";
import { ltvCohorts, type Mode } from "./curves.ts";
import type { Target } from "./operation.ts";
import { customer, customers, journey } from "./people.ts";
import { revenue, type Span } from "./revenue.ts";
import type { World } from "./world.ts";

export interface Expected {
  status: number;
  data?: unknown;
  code?: string;
}

const REFUSED: Expected = { status: 400, code: "VALIDATION_ERROR" };
const MISSING: Expected = { status: 404, code: "NOT_FOUND" };

function orRefused(data: unknown): Expected {
  return data === undefined ? REFUSED : { status: 200, data };
}

/** The answer to a GET under /customers; targets may be `email_…` too. */
export function answer(world: World, path: string): Expected {
  const url = new URL(path, "http://localhost");
  const query = (name: string) => url.searchParams.get(name) ?? undefined;
  const [, , id = "", report] = url.pathname.split("/");
  const alias = query("alias");
  const owner = alias === undefined ? undefined : world.find(`als_${alias}`);
  const listed = () => (alias === undefined ? customers(world) : customers(world, owner?.id ?? 0));
  if (id === "count") return { status: 200, data: { count: listed().length } };
  if (id === "") return { status: 200, data: listed() };
  if (id === "cohorts") {
    const groupBy = query("group_by") ?? "week";
    if (!["week", "month", "campaign", "source"].includes(groupBy)) return REFUSED;
    return orRefused(cohorts(world, groupBy as Grouping, query("start"), query("end")));
  }
  if (id === "revenue") {
    const groupBy = query("group_by") ?? "month";
    if (!["day", "week", "month"].includes(groupBy)) return REFUSED;
    return orRefused(revenue(world, groupBy as Span, query("start"), query("end")));
  }
  if (id === "ltv-cohorts") {
    const months = Number(query("months") ?? 12);
    if (months < 1 || months > 60) return REFUSED;
    return orRefused(ltvCohorts(world, months, query("end"), (query("period") ?? "calendar") as Mode));
  }
  const found = world.find(decodeURIComponent(id) as Target);
  const facts = found && world.derived.facts.get(found.id);
  if (!facts) return MISSING;
  if (report === "journey") return orRefused(journey(world, facts, query("summary") !== "true", query("start"), query("end")));
  if (report === "attribution") {
    const model = query("model") ?? "last";
    if (!MODELS.includes(model as Model)) return REFUSED;
    return orRefused(attribution(world, facts, model as Model, Number(query("window_days") ?? world.windowDays)));
  }
  return { status: 200, data: customer(world, facts) };
}
