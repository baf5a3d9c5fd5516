// Does the binary stand alone: no node_modules, no HOME, another user, a read-only root, a hostile directory, a /tmp that executes nothing?

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { binary, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Where root's programs are, which is not in everybody's PATH. */
const TOOLS = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const NEEDED = process.env.NO_SKIP !== undefined;
const CAN =
  process.getuid?.() === 0 && ["unshare", "setpriv", "chroot", "ldconfig", "ldd"].every((name) => Bun.which(name, TOOLS) !== null);
if (!CAN && !NEEDED) console.warn("Passed over: a root of its own needs root, unshare, chroot and ldd.");

/** Debian's nobody. */
const NOBODY = 65534;
const SALE = { type: "sale", orderId: "ORD-1", externalId: "user_42", timestamp: "2026-01-09T15:00:00Z", value: 99.99, currency: "USD" };

/** A directory that another user may work in, without anything of the project. */
function placeFor(user: number): string {
  const directory = temporaryFolder();
  chmodSync(directory, 0o700);
  chownSync(directory, user, user);
  return directory;
}

/** The main job in short: a sale goes in, its customer comes out, and again after a restart. */
async function doMainJob(command: readonly string[], directory: string, settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const first = await start(command, directory, settings);
  expect((await first.call("POST", "/events", SALE)).status).toBe(201);
  expect(await first.stop()).toBe(0);
  const second = await start(command, directory, settings, first.key);
  expect((await second.call("GET", "/customers/ext_user_42")).body).toMatchObject({ data: { ltv: 99.99 } });
  expect((await second.call("GET", "/customers/cohorts?group_by=month")).status).toBe(200);
  expect((await fetch(`${second.url}/docs/swagger-ui.js`)).status).toBe(200);
  expect(await second.stop()).toBe(0);
}

describe("the binary beside hostile files", () => {
  test("reads no .env, bunfig.toml, tsconfig.json or package.json, and runs nothing that lies there", async () => {
    const directory = temporaryFolder();
    const files = {
      ".env": "PORT=not-a-port\nDATABASE_PATH=/nowhere/at.db\nADMIN_KEY=short\n",
      ".env.local": "CURRENCY=none\n",
      ".env.production": "TIMEZONE=none\n",
      "bunfig.toml": 'preload = ["./evil.ts"]\n[run]\nshell = "system"\n',
      "evil.ts": 'await Bun.write("evil-was-here", "");\n',
      "tsconfig.json": '{"compilerOptions":{"paths":{"*":["./evil.ts"]}}}',
      "package.json": '{"name":"evil","main":"evil.ts","imports":{"#sqlite":"./evil.ts"}}',
      "node_modules/better-sqlite3/index.js": 'require("fs").writeFileSync("evil-was-here", "")',
    };
    mkdirSync(`${directory}/node_modules/better-sqlite3`, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, text);
    await doMainJob([await binary()], directory);
    expect(readdirSync(directory)).not.toContain("evil-was-here");
  });
});

describe.skipIf(!CAN && !NEEDED)("the binary with little around it", () => {
  const place = placeFor(NOBODY);
  const program = `${place}/regulars`;
  const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "env", "-u", "HOME"];
  beforeAll(async () => {
    copyFileSync(await binary(), program);
    chownSync(program, NOBODY, NOBODY);
  }, 120_000);
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  test("serves another user, who has no HOME", async () => {
    await doMainJob([...asNobody, program], place);
    expect(readdirSync(place).sort()).toEqual(["data", "regulars"]);
  });

  test("serves from a read-only root that holds nothing but it and its libraries, as process 1", async () => {
    const root = temporaryFolder();
    const inside = "/usr/local/bin/regulars";
    const libraries = [...(await run(["ldd", program], root, TOOLS)).out.matchAll(/(\/\S+) \(0x/g)].map((match) => String(match[1]));
    const stdlib = (await run(["sh", "-c", "ldconfig -p | sed -n 's/.*=> //p' | grep -E '/lib(stdc\\+\\+|gcc_s)[.]so'"], root, TOOLS)).out
      .trim()
      .split("\n");
    for (const file of new Set([...libraries, ...stdlib])) {
      mkdirSync(`${root}${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
      copyFileSync(file, root + file);
      chmodSync(root + file, 0o755);
    }
    for (const folder of ["/usr/local/bin", "/data", "/proc", "/dev", "/tmp"]) mkdirSync(root + folder, { recursive: true });
    copyFileSync(program, root + inside);
    chownSync(`${root}/data`, NOBODY, NOBODY);
    chmodSync(root, 0o755);
    // As a container would: its own mounts and processes, the root read-only, only /data to write to.
    const script = `mount --bind ${root} ${root} && mount --bind ${root}/data ${root}/data && mount -t proc proc ${root}/proc &&
      mount --bind /dev ${root}/dev && mount -o remount,ro,bind ${root} &&
      exec chroot --userspec=${NOBODY}:${NOBODY} ${root} ${inside} "$@"`;
    const command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh"];
    const settings = { ...TOOLS, DATABASE_PATH: "/data/regulars.db", BUN_TMPDIR: "/data" };
    const refused = await run([...command, "keys", "list"], root, { ...TOOLS, DATABASE_PATH: "/data/other.db" });
    expect(refused.code).not.toBe(0); // /tmp is read-only there
    const server = await start(command, root, settings);
    expect((await server.call("POST", "/events", SALE)).body).toMatchObject({ data: { type: "sale" } });
    // unshare leaves signals to its child, the server.
    process.kill(Number(readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8").trim()), "SIGTERM");
    expect(await server.stop()).toBe(0);
    expect((await run([...command, "export", "customers"], root, settings)).out).toContain("user_42");
    rmSync(root, { recursive: true, force: true });
  });

  test("works where /tmp executes nothing, with BUN_TMPDIR", async () => {
    const script = `mount -t tmpfs -o noexec tmpfs /tmp && cd ${place} && exec "$@"`;
    const elsewhere = `${place}/tmp`;
    mkdirSync(elsewhere);
    chownSync(elsewhere, NOBODY, NOBODY);
    // The place is under the old /tmp, if that is where temporary files go: kept by its descriptor.
    const keep = tmpdir() === "/tmp" ? `mount -t tmpfs tmpfs /mnt && mkdir /mnt/regulars && mount --bind ${place} /mnt/regulars && ` : "";
    const home = keep ? "/mnt/regulars" : place;
    const command = ["unshare", "--mount", "sh", "-c", `${keep}${script.replace(place, home)}`, "sh", ...asNobody, `${home}/regulars`];
    const refused = await run([...command, "--version"], place);
    const listed = await run([...command, "keys", "list"], place);
    expect([refused.code, listed.code === 0]).toEqual([0, false]);
    await doMainJob(command, place, { BUN_TMPDIR: `${home}/tmp`, DATABASE_PATH: `${home}/data2/regulars.db` });
  });
});
