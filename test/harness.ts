// A whole regulars in memory, for tests. Requests go through the app as in production, tests set the clock, and nothing of ours is mocked.
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, createApp } from "../src/app/app.ts";
import { assembleWorkspace, type Workspace, type WorkspaceOptions } from "../src/app/workspace.ts";
import { type Config, readConfig } from "../src/host/config.ts";
import { silentLog } from "../src/host/log.ts";

export const ADMIN_KEY = "admin-key-for-tests";
/** The time of the clock unless a test sets another. */
export const NOW = Date.parse("2026-03-01T00:00:00Z");

/** The envelope of an answer. `Data` is the type that a test expects of `data`. */
export interface Envelope<Data = unknown> {
  success: boolean;
  data: Data;
  created?: boolean;
  pagination?: { page: number; limit: number; total: number; totalPages: number; hasMore: boolean };
  error?: { code: string; message: string; details?: { path: string; message: string }[]; requestId: string };
}

export interface Reply<Data = unknown> {
  status: number;
  body: Envelope<Data>;
  text: string;
  headers: Headers;
}

export interface World {
  readonly app: App;
  readonly workspace: Workspace;
  readonly clock: { now: () => number; set: (at: number | string) => void };
  /** Sends a request with the admin key (`{ authorization: "" }` for none). A text or bytes are sent unchanged, any other body as JSON. */
  request<Data = unknown>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply<Data>>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly config?: Partial<Config>;
  /** The time at the start. It stands still until a test sets it. */
  readonly now?: number | string;
  readonly log?: Workspace["log"];
  readonly deadlineMs?: number;
  /** How many entries are reassigned within one write. */
  readonly reassignAtOnce?: number;
  /** For up to how many milliseconds of work a read waits; 0: for none. */
  readonly readWaitsMs?: number;
  /** How many milliseconds of work may be left before intake waits; 0: none. */
  readonly intakeWaitsMs?: number;
  /** From how many entries on a customer is recomputed by another thread; it needs a database in a file. */
  readonly largeFrom?: number;
  readonly recomputeThread?: URL;
  /** How ClickHouse is told what changes; a test starts that itself. */
  readonly openShipping?: NonNullable<WorkspaceOptions["openShipping"]>;
  readonly patienceMs?: number;
  /** Check every answer against its schema (the default). The oracle's tests, with thousands of requests, turn it off. */
  readonly checkAnswers?: boolean;
}

/** Opens a new world with an admin key, on a database in memory. */
export function openWorld({
  config,
  now = NOW,
  log = silentLog(),
  deadlineMs,
  patienceMs,
  checkAnswers = true,
  ...rest
}: WorldOptions = {}): World {
  const toAt = (at: number | string) => (typeof at === "string" ? Date.parse(at) : at);
  let at = toAt(now);
  const set = (next: number | string) => {
    at = toAt(next);
  };
  const workspace = assembleWorkspace(
    { ...readConfig({ DATABASE_PATH: ":memory:", ADMIN_KEY, SNAPSHOT_TTL: "0" }), ...config },
    { ...rest, now: () => at, log },
  );
  const app = createApp(workspace, { checkAnswers, ...(deadlineMs && { deadlineMs }), ...(patienceMs && { patienceMs }) });
  const world: World = {
    app,
    workspace,
    clock: { now: () => at, set },
    async request<Data>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
      const all = new Headers({
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      });
      for (const [name, value] of Object.entries(headers)) if (value === "") all.delete(name);
      const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
      const response = await app.handle(
        new Request(`http://localhost${path}`, { method, headers: all, ...(body !== undefined && { body: raw }) }),
      );
      const text = await response.text();
      const isJson = text !== "" && (response.headers.get("content-type") ?? "").startsWith("application/json");
      return { status: response.status, body: (isJson ? JSON.parse(text) : {}) as Envelope<Data>, text, headers: response.headers };
    },
    close() {
      if (!open.delete(world)) return workspace.close();
      keep(workspace);
      app.close();
      return workspace.close();
    },
  };
  open.add(world);
  return world;
}

/** With `KEEP_DB=1`: writes the world's database to a file and prints its path. Also at exit, because a failing test may never close its world. */
function keep({ database }: Workspace): void {
  if (!process.env.KEEP_DB) return;
  const path = join(tmpdir(), `regulars-${randomUUID()}.db`);
  database.sqlite.prepare("VACUUM INTO ?").run(path);
  console.error(`kept: ${path}`);
}

const open = new Set<World>();
if (process.env.KEEP_DB) process.on("exit", () => [...open].map((world) => keep(world.workspace)));
