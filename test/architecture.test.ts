// Does the code keep the rules of its house? They are checked over the import lines and the sizes of files.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "..");
const REPORTS = ["cohort", "ltv", "journey", "attribution"];
/** What intake may take of the journey: how one entry reads, which PATCH /conversions answers with. */
const SHARED_OF_REPORTS = ["src/journey/entry-answer.ts"];
/** Types made of the OpenAPI document. */
const GENERATED = "test/client/api.d.ts";
const MOST_LINES = 300;
const MOST_SQL_LINES = 60;

interface Source {
  readonly path: string; // from the root: src/app.ts
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
const sources = files.filter((path) => /\.ts$/.test(path) && !path.endsWith(".d.ts")).map(read);
const program = sources.filter(({ path }) => !path.startsWith("test/"));
const folderOf = (path: string) => path.split("/")[1] ?? "";

/** `a → b` for every import of the sources that the rule forbids. */
function breaches(from: readonly Source[], isForbidden: (target: string, source: Source) => boolean): string[] {
  return from.flatMap((source) =>
    source.imports.filter((target) => isForbidden(target, source)).map((target) => `${source.path} → ${target}`),
  );
}

describe("imports", () => {
  test("are seen at all", () => {
    expect(breaches(program, (target) => target === "src/errors.ts").length).toBeGreaterThan(5);
  });

  test("the database never imports the program", () => {
    expect(
      breaches(
        program.filter(({ path }) => path.startsWith("db/")),
        (target) => target.startsWith("src/"),
      ),
    ).toEqual([]);
  });

  test("reports import the database, the core and customers, never each other nor intake", () => {
    const reports = program.filter(({ path }) => path.startsWith("src/") && REPORTS.includes(folderOf(path)));
    const isForbidden = (target: string, { path }: Source) =>
      /^src\/[^/]+\//.test(target) && ![folderOf(path), "customer", "ledger"].includes(folderOf(target));
    expect(breaches(reports, isForbidden)).toEqual([]);
  });

  test("intake, ledger and customers import no report, but for how an entry reads", () => {
    const writers = program.filter(({ path }) => ["intake", "ledger", "customer", "rate"].includes(folderOf(path)));
    const isForbidden = (target: string) =>
      REPORTS.some((report) => target.startsWith(`src/${report}/`)) && !SHARED_OF_REPORTS.includes(target);
    expect(breaches(writers, isForbidden)).toEqual([]);
  });

  test("features know nothing of the app, the server and the command line", () => {
    const features = program.filter(({ path }) => /^src\/[^/]+\//.test(path) && folderOf(path) !== "cli");
    expect(breaches(features, (target) => /^src\/(app|server|mount|route|gate|main|cli|cli\/.*)(\.ts)?$/.test(target))).toEqual([]);
  });

  test("only db/open.ts names the driver", () => {
    const isDriver = (target: string) =>
      target === "#sqlite" || target.startsWith("better-sqlite3") || target === "bun:sqlite" || target === "drizzle-orm/better-sqlite3";
    expect(
      breaches(
        program.filter(({ path }) => path !== "db/open.ts"),
        isDriver,
      ),
    ).toEqual([]);
  });

  test("name the file of ours with its ending", () => {
    expect(breaches(sources, (target) => /^(src|db|test)\//.test(target) && !/\.(ts|sql|json|ndjson|html|css)$/.test(target))).toEqual([]);
  });

  test("no file passes on all that another exports", () => {
    const barrels = program.filter(({ path, text }) => path.endsWith("/index.ts") || /^export \*/m.test(text));
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });
});

describe("files", () => {
  test("have at most 300 lines, SQL of reports at most 60", () => {
    const lines = (path: string) => readFileSync(join(ROOT, path), "utf8").split("\n").length - 1;
    const long = files.filter((path) => /\.ts$/.test(path) && path !== GENERATED && lines(path) > MOST_LINES);
    const longSql = files.filter((path) => REPORTS.includes(folderOf(path)) && path.endsWith(".sql") && lines(path) > MOST_SQL_LINES);
    expect([...long, ...longSql]).toEqual([]);
  });

  test("open with the question that they answer", () => {
    expect(sources.filter(({ text }) => !/^(?:#![^\n]*\n)?\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test("are named by the thing, in kebab case", () => {
    const isOdd = (path: string) =>
      !/^[a-z0-9-]+(\.test|\.d)?\.(ts|sql)$/.test(path.split("/").at(-1) ?? "") ||
      /(^|\/)(utils?|helpers?|common|types|managers?|services?|repository)\b/.test(path);
    expect(files.filter((path) => /\.(ts|sql)$/.test(path) && !/^db\/migrations\/\d{4}_[a-z_]+\.sql$/.test(path)).filter(isOdd)).toEqual(
      [],
    );
  });

  test("hold no any, no silenced compiler and no silenced linter", () => {
    const silenced = new RegExp(
      ["@ts-" + "(ignore|nocheck|expect-error)", "biome-" + "ignore", "(?::|\\bas|<|\\|)\\s*any\\s*[;,)>=\\]|[]"].join("|"),
    );
    expect(sources.filter(({ text }) => silenced.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

test("nothing does anything on import but main.ts", () => {
  // A statement at the top level that is a call, an await or a loop; constants and declarations are no deeds.
  const deed = /^(?:await|for|if|while|process\.|console\.|setTimeout|setInterval|[a-z]\w*\()/m;
  const doers = program.filter(
    ({ path, text }) => path !== "src/main.ts" && deed.test(text.replace(/`[^`]*`/g, "``").replace(/\/\*[\s\S]*?\*\//g, "")),
  );
  expect(doers.map(({ path }) => path)).toEqual([]);
});
