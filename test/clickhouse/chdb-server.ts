// How does the real engine of ClickHouse come to speak HTTP? chdb is the engine in a process; this is a server around it, started as a process of its
// own: `CHDB=<folder of node_modules> bun chdb-server.ts <folder of the data>`. It prints its port. POST /fault arms what goes wrong with the next requests, and /cpu
// says how many milliseconds of CPU it has used.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Armed } from "./chdb.ts";

interface Session {
  query(sql: string): string;
  queryBindAsync(sql: string, parameters: object, options: object): Promise<{ text(): string }>;
  insert(what: { table: string; values: Buffer; format: string }): Promise<{ rowsWritten: number }>;
}
const { Session } = (await import(join(process.env.CHDB ?? "", "node_modules/chdb/index.js"))) as {
  Session: new (folder: string) => Session;
};
const session = new Session(process.argv[2] ?? "");
session.query("SET output_format_json_quote_64bit_integers = 1");

let turn: Promise<unknown> = Promise.resolve();
let armed: Armed[] = [];

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What the engine answers to a statement: text, and how many rows it wrote. */
async function carryOut(url: URL, body: Buffer): Promise<{ text: string; written: number }> {
  const parameters = Object.fromEntries(
    [...url.searchParams].filter(([name]) => name.startsWith("param_")).map(([name, value]) => [name.slice(6), value]),
  );
  const database = url.searchParams.get("database") ?? "default";
  session.query(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
  session.query(`USE \`${database}\``);
  const insert = /^INSERT INTO (\w+)\s+FORMAT (\w+)/.exec(url.searchParams.get("query") ?? "");
  if (insert) {
    const [, table = "", format = ""] = insert;
    const { rowsWritten } = await session.insert({ table: `${database}.${table}`, values: body, format });
    return { text: "", written: rowsWritten };
  }
  const sql = [url.searchParams.get("query") ?? "", body.toString()].join("\n");
  return { text: (await session.queryBindAsync(sql, parameters, {})).text(), written: 0 };
}

/** The fault that a request meets, if one is armed for its kind. */
function takeFault(isInsert: boolean): Armed["fault"] | undefined {
  const place = armed.findIndex(({ of }) => of === (isInsert ? "insert" : "select"));
  return place < 0 ? undefined : armed.splice(place, 1)[0]?.fault;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "", "http://localhost");
  const body = await readBody(request);
  if (url.pathname === "/fault") {
    armed = JSON.parse(body.toString()) as Armed[];
    response.end();
    return;
  }
  if (url.pathname === "/cpu") {
    const { user, system } = process.cpuUsage();
    response.end(String((user + system) / 1000));
    return;
  }
  const isInsert = url.searchParams.get("query")?.startsWith("INSERT") === true;
  const isSelect = body.toString().startsWith("--") || isInsert;
  const fault = isSelect ? takeFault(isInsert) : undefined;
  if (fault === "refused") {
    response.writeHead(503).end("Service Unavailable");
    return;
  }
  try {
    const { text, written } = await carryOut(url, body);
    if (fault === "lost") return void request.socket.destroy();
    if (fault === "garbage") return void response.end("<html>not what was asked for</html>");
    if (fault === "exception") return void response.end("Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)");
    if (fault === "slow") await Bun.sleep(3000);
    response.setHeader("X-ClickHouse-Summary", JSON.stringify({ written_rows: String(fault === "fewer" ? written - 1 : written) }));
    if (fault === "cut") {
      response.writeHead(200, { "Content-Length": String(text.length + 10) });
      response.write(text.slice(0, text.length / 2));
      setTimeout(() => request.socket.destroy(), 20);
      return;
    }
    response.end(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown";
    response.writeHead(500, { "X-ClickHouse-Exception-Code": /Code: (\d+)/.exec(message)?.[1] ?? "1" }).end(message);
  }
}

process.stdin.on("end", () => process.exit(0)); // whoever started it is gone
process.stdin.resume();
const server = createServer((request, response) => {
  turn = turn.then(() => answer(request, response));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" ? address?.port : address);
});
