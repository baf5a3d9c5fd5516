// Who gets in where? Every route, also under /api, with every kind of key: what should be answered, and what is.

import { createKey } from "../../src/access/api-key.ts";
import { SCOPES } from "../../src/access/keyring.ts";
import { openWorld } from "../harness.ts";
import { type Asker, headersOf } from "./scenario.ts";

const ORIGIN = "https://shop.example";
export const ASKERS: readonly (Asker | "browser")[] = ["nobody", "malformed", "unknown", "revoked", "expired", "browser", ...SCOPES];

export interface Matrix {
  readonly routes: number;
  readonly cells: number;
  /** Cells that are not as they should be. */
  readonly faults: readonly string[];
}

/** What a cell must say: status and code; undefined: anything but 401 and 403. */
function expected(asker: string, scope: string, publishable: boolean): string | undefined {
  if (asker === "nobody") return "401 UNAUTHORIZED";
  if (["malformed", "unknown", "revoked", "expired"].includes(asker)) return "401 INVALID_API_KEY";
  if (asker === "browser" ? publishable : asker === scope) return undefined;
  return "403 FORBIDDEN";
}

/** Asks every route that needs a key as everybody. */
export async function askAll(): Promise<Matrix> {
  const world = openWorld();
  const browser = createKey(world.workspace, { origins: [ORIGIN] });
  const headers = new Map(
    ASKERS.map((asker) => [
      asker,
      asker === "browser" ? { "x-api-key": browser, authorization: "", origin: ORIGIN } : headersOf(world, asker),
    ]),
  );
  const routes = world.app.endpoints.filter(({ admission }) => admission !== "open");
  const faults: string[] = [];
  let cells = 0;
  for (const { method, path, admission, publishable = false } of routes)
    for (const prefix of ["", "/api"])
      for (const asker of ASKERS) {
        cells += 1;
        const { status, body } = await world.request(method, prefix + path.replace(":id", "cus_none"), undefined, headers.get(asker));
        const said = `${status} ${body.error?.code}`;
        const wanted = expected(asker, String(admission), publishable);
        const isRight = wanted === undefined ? status !== 401 && status !== 403 : said === wanted;
        const names = wanted !== "403 FORBIDDEN" || body.error?.message === `The API key lacks the scope ${String(admission)}.`;
        if (!isRight || !names) faults.push(`${method} ${prefix}${path} as ${asker}: ${said}, not ${wanted ?? "let in"}`);
      }
  world.close();
  return { routes: routes.length, cells, faults };
}
