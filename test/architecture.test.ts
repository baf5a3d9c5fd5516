// Does the code keep the rules of its house? They are checked over the import lines and the sizes of files.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "..");
/** Imports go down this list and never up; rooms on one line do not know each other. `db/` and each folder or file of `src/` is a room. */
const FLOORS: readonly (readonly string[])[] = [
  ["main"],
  ["cli"],
  ["app"],
  ["standby"],
  ["report", "intake", "ops", "feed"],
  ["customer"],
  ["context", "entry", "docs", "dashboard", "mcp", "browser"],
  ["ledger", "http"],
  ["host", "access", "verify", "credit", "provider"],
  ["db", "value"],
];
/** The second opinion knows nothing of the first. */
const KNOWN_TO_VERIFY = ["db", "value"];
/** Types made of the OpenAPI document. */
const GENERATED = "test/client/api.d.ts";
/** Where the program starts, and the page of the dashboard. */
const STARTS = ["src/main.ts", "src/dashboard/page/start.tsx"];
/** Every text of the dashboard, in one list, so that it can be translated. */
const TEXTS = "src/dashboard/page/words.ts";
const MOST_LINES = 300;
const MOST_SQL_LINES = 60;

interface Source {
  readonly path: string; // from the root: src/app/app.ts
  readonly text: string;
  readonly imports: readonly string[]; // from the root where it is a file of ours, else as written
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), "utf8");
  const names = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm)].map(
    ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? "",
  );
  const imports = names.map((name) => (name.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(path), name)) : name));
  return { path, text, imports };
}

const files = ["src", "db", "test"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
);
const sources = files.filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts")).map(read);
const program = sources.filter(({ path }) => !path.startsWith("test/"));
/** `src/http/gate.ts` is in http, `src/context.ts` in context, `db/lock.ts` in db. */
const roomOf = (path: string) => (path.startsWith("db/") ? "db" : (path.split("/")[1] ?? "").replace(/\.tsx?$/, ""));
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));
const isOfProgram = (path: string) => /^(src|db)\//.test(path);

/** `a → b` for every import of the sources that the rule forbids. */
function breaches(from: readonly Source[], isForbidden: (target: string, source: Source) => boolean): string[] {
  return from.flatMap((source) =>
    source.imports.filter((target) => isForbidden(target, source)).map((target) => `${source.path} → ${target}`),
  );
}

describe("imports", () => {
  test("are seen at all", () => {
    expect(breaches(program, (target) => target === "src/value/error.ts").length).toBeGreaterThan(20);
  });

  test("know each room's place", () => {
    expect([...new Set(program.map(({ path }) => roomOf(path)))].filter((room) => floorOf(room) < 0)).toEqual([]);
  });

  test("go down, never up nor along a floor", () => {
    const isUp = (target: string, { path }: Source) =>
      isOfProgram(target) && roomOf(target) !== roomOf(path) && floorOf(roomOf(target)) <= floorOf(roomOf(path));
    expect(breaches(program, isUp)).toEqual([]);
  });

  test("of verify are of the database and of values alone", () => {
    const own = program.filter(({ path }) => roomOf(path) === "verify");
    expect(own.length).toBeGreaterThan(10);
    expect(breaches(own, (target) => isOfProgram(target) && !["verify", ...KNOWN_TO_VERIFY].includes(roomOf(target)))).toEqual([]);
  });

  test("run in no circle", () => {
    const targets = new Map(program.map(({ path, imports }) => [path, imports.filter(isOfProgram)]));
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" → "));
      if (done.has(path) || way.includes(path)) return;
      for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
      done.add(path);
    };
    for (const { path } of program) visit(path, []);
    expect(circles).toEqual([]);
  });

  test("only db/connection.ts names the driver", () => {
    const isDriver = (target: string) =>
      target === "#sqlite" || target.startsWith("better-sqlite3") || target === "bun:sqlite" || target === "drizzle-orm/better-sqlite3";
    expect(
      breaches(
        program.filter(({ path }) => path !== "db/connection.ts"),
        isDriver,
      ),
    ).toEqual([]);
  });

  test("name the file of ours with its ending", () => {
    expect(breaches(sources, (target) => /^(src|db|test)\//.test(target) && !/\.(tsx?|js|sql|json|ndjson|html|css)$/.test(target))).toEqual(
      [],
    );
  });

  test("no file passes on all that another exports", () => {
    const barrels = program.filter(({ path, text }) => path.endsWith("/index.ts") || /^export \*/m.test(text));
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });
});

describe("files", () => {
  test("have at most 300 lines, SQL at most 60", () => {
    const lines = (path: string) => readFileSync(join(ROOT, path), "utf8").split("\n").length - 1;
    const long = files.filter((path) => /\.(?:tsx?|css)$/.test(path) && path !== GENERATED && path !== TEXTS && lines(path) > MOST_LINES);
    const longSql = files.filter((path) => path.startsWith("src/") && path.endsWith(".sql") && lines(path) > MOST_SQL_LINES);
    expect([...long, ...longSql]).toEqual([]);
  });

  test("open with the question that they answer", () => {
    expect(sources.filter(({ text }) => !/^(?:#![^\n]*\n)?\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test("are named by the thing, in kebab case", () => {
    const isOdd = (path: string) =>
      !/^[a-z0-9-]+(\.test|\.d)?\.(tsx?|sql|css)$/.test(path.split("/").at(-1) ?? "") ||
      /(^|\/)(utils?|helpers?|common|types|managers?|services?|repository)\b/.test(path);
    expect(
      files.filter((path) => /\.(tsx?|sql|css)$/.test(path) && !/^db\/migrations\/\d{4}_[a-z_]+\.sql$/.test(path)).filter(isOdd),
    ).toEqual([]);
  });

  test("hold no any, no silenced compiler and no silenced linter", () => {
    const silenced = new RegExp(
      ["@ts-" + "(ignore|nocheck|expect-error)", "biome-" + "ignore", "(?::|\\bas|<|\\|)\\s*any\\s*[;,)>=\\]|[]"].join("|"),
    );
    expect(sources.filter(({ text }) => silenced.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

test("every expectation of a promise is awaited or returned", () => {
  // `expect(promise).rejects…` that nobody awaits passes whatever comes of the promise.
  const loose = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^[ \t]*(?:void )?expect\((?:(?!;\n)[\s\S])*?\)\s*\.(?:rejects|resolves)\b/gm)].map(
      ([found]) => `${path}: ${found.trim()}`,
    ),
  );
  expect(loose).toEqual([]);
});

test("nothing does anything on import but where something starts", () => {
  // A statement at the top level that is a call, an await or a loop; constants and declarations are no deeds.
  const deed = /^(?:await|for|if|while|process\.|console\.|setTimeout|setInterval|[a-z]\w*\()/m;
  const doers = program.filter(
    ({ path, text }) => !STARTS.includes(path) && deed.test(text.replace(/`[^`]*`/g, "``").replace(/\/\*[\s\S]*?\*\//g, "")),
  );
  expect(doers.map(({ path }) => path)).toEqual([]);
});
