// How many requests per second does a server answer? Measured by wrk, from Debian, on one thread.
import { ADMIN_KEY } from "./load.ts";
import { benchPath } from "./size.ts";

export interface Load {
  readonly connections?: number;
  readonly seconds: number;
  /** A Lua script for wrk (github.com/wg/wrk, SCRIPTING). */
  readonly script?: string;
}

/** Requests per second. Throws if an answer was not 2xx or 3xx. */
export async function wrk(url: string, { connections = 32, seconds, script }: Load): Promise<number> {
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "-H", `Authorization: Bearer ${ADMIN_KEY}`];
  if (script) {
    const path = benchPath("wrk.lua");
    await Bun.write(path, script);
    args.push("-s", path);
  }
  if (Bun.which("wrk") === null) throw new Error("wrk is missing: apt-get install wrk");
  const child = Bun.spawn(["wrk", ...args, url], { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(text) ?? [];
  if (rate === undefined || /Non-2xx|Socket errors/.test(text)) throw new Error(`wrk failed: ${text}`);
  return Number(rate);
}

/** GETs customers, each time another one of `customers`. */
export function customersScript(customers: number): string {
  return `local letters = "0123456789abcdefghjkmnpqrstvwxyz"
local ready = {}
function init(args)
  math.randomseed(7)
  for i = 1, 20000 do
    local id, text = math.random(1, ${customers}), ""
    for _ = 1, 10 do local digit = id % 32; text = letters:sub(digit + 1, digit + 1) .. text; id = (id - digit) / 32 end
    ready[i] = wrk.format("GET", "/customers/cus_" .. text)
  end
end
local at = 0
function request() at = at % #ready + 1; return ready[at] end
`;
}

/** POSTs one new sale of one of `customers` each time. Each `run` has other customers and other orders. */
export function salesScript(customers: number, run: number): string {
  return `local at = 0
math.randomseed(${run})
function request()
  at = at + 1
  local body = string.format('{"type":"sale","orderId":"run${run}-${Date.now()}-%d","externalId":"user_%d","value":%d.99,"currency":"USD"}', at, math.random(0, ${customers - 1}), math.random(5, 300))
  return wrk.format("POST", "/events", { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer ${ADMIN_KEY}" }, body)
end
`;
}
