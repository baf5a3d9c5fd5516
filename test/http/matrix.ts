// Who gets in where? Every route, also under /api, with every kind of key: what should be answered, and what is.

import { createKey } from "../../src/access/api-key.ts";
import { SCOPES } from "../../src/access/keyring.ts";
import { openWorld } from "../harness.ts";
import { type Asker, headersOf } from "./scenario.ts";

const ORIGIN = "https://shop.example";
export const ASKERS: readonly (Asker | "browser" | "address")[] = [
  "nobody",
  "malformed",
  "unknown",
  "revoked",
  "expired",
  "browser",
  "address",
  ...SCOPES,
];

export interface Matrix {
  readonly routes: number;
  readonly cells: number;
  /** Cells that are not as they should be. */
  readonly faults: readonly string[];
}

/** What a cell must say: status and code; undefined: anything but 401 and 403. */
function expected(asker: string, scope: string, publishable: boolean, keyInQuery: boolean): string | undefined {
  if (asker === "nobody") return "401 UNAUTHORIZED";
  if (["malformed", "unknown", "revoked", "expired"].includes(asker)) return "401 INVALID_API_KEY";
  if (scope === "key") return asker === "browser" || asker === "address" ? "403 FORBIDDEN" : undefined;
  if (asker === "browser" ? publishable : asker === "address" ? keyInQuery : asker === scope) return undefined;
  return "403 FORBIDDEN";
}

/** Asks every route that needs a key as everybody. */
export async function askAll(): Promise<Matrix> {
  const world = openWorld();
  const browser = createKey(world.workspace, { origins: [ORIGIN] });
  const address = createKey(world.workspace, { isForConversions: true });
  const headerOf = (asker: (typeof ASKERS)[number]) => {
    if (asker === "browser") return { "x-api-key": browser, authorization: "", origin: ORIGIN };
    return asker === "address" ? { "x-api-key": address, authorization: "" } : headersOf(world, asker);
  };
  const headers = new Map(ASKERS.map((asker) => [asker, headerOf(asker)]));
  const routes = world.app.endpoints.filter(({ admission }) => typeof admission === "string" && admission !== "open");
  const faults: string[] = [];
  let cells = 0;
  for (const { method, path, admission, publishable = false, keyInQuery = false, foreign } of routes)
    for (const prefix of ["", "/api"])
      for (const asker of ASKERS) {
        cells += 1;
        const { status, body } = await world.request(method, prefix + path.replace(":id", "cus_none"), undefined, headers.get(asker));
        // In the shape of another API, an error has that API's code, and the status tells what it is.
        const shape = (text: string) => (foreign?.failure ? text.slice(0, 3) : text);
        const said = shape(`${status} ${body.error?.code}`);
        const allowed = expected(asker, String(admission), publishable, keyInQuery);
        const wanted = allowed && shape(allowed);
        const isRight = wanted === undefined ? status !== 401 && status !== 403 : said === wanted;
        const names =
          !wanted?.startsWith("403") || admission === "key" || body.error?.message === `The API key lacks the scope ${String(admission)}.`;
        if (!isRight || !names) faults.push(`${method} ${prefix}${path} as ${asker}: ${said}, not ${wanted ?? "let in"}`);
      }
  world.close();
  return { routes: routes.length, cells, faults };
}
