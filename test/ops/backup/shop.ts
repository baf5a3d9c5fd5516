// Whom and what do the tests of backups store?
import { openWorld, type World } from "../../harness.ts";

export const sale = (id: number, person = id) => ({
  type: "sale",
  orderId: `ORD-${id}`,
  externalId: `user_${person}`,
  email: `user_${person}@example.com`,
  name: `Person ${person}`,
  timestamp: Date.parse("2026-01-05T10:00:00Z") + id * 60_000,
  value: 10 + (id % 7),
  currency: "USD",
});

/** A world on a file, with a sale each of `count` people. */
export async function openShop(databasePath: string, count = 0): Promise<World> {
  const world = openWorld({ config: { databasePath } });
  if (count > 0) await record(world, 1, count);
  return world;
}

/** Sales of the people from `first` to `last`. */
export async function record(world: World, first: number, last: number): Promise<void> {
  for (let start = first; start <= last; start += 500) {
    const sales = Array.from({ length: Math.min(500, last - start + 1) }, (_, index) => sale(start + index));
    const { status, text } = await world.request("POST", "/events", sales);
    if (status >= 300) throw new Error(text);
  }
}

/** Every row of the tables that hold what was told, as text. */
export function dump(world: World): string[] {
  return ["customer", "external_id", "entry", "profile_update", "rate", "api_key"].flatMap((table) =>
    world.workspace.database.sqlite
      .prepare(`SELECT * FROM ${table} ORDER BY 1`)
      .all()
      .map((row) => `${table} ${JSON.stringify(row)}`),
  );
}

/** What the cohorts and curves say. */
export async function reports(world: World): Promise<string> {
  const paths = ["/customers/cohorts?group_by=month", "/customers/cohorts?group_by=source", "/customers/ltv-cohorts"];
  const answers = await Promise.all(paths.map((path) => world.request("GET", path)));
  return answers.map(({ status, text }) => `${status} ${text}`).join("\n");
}
