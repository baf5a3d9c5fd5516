// How does a server start and stop in the hands of the person who runs it?

import { describe, expect, test } from "bun:test";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { FROM_SOURCE, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const health = (directory: string, settings: Readonly<Record<string, string>>) => run([...FROM_SOURCE, "health"], directory, settings);

describe("serve", () => {
  test("makes its folder for its user alone, says where everything is and a curl that works, and Ctrl-C ends it", async () => {
    const directory = temporaryFolder();
    const server = await start(FROM_SOURCE, directory, { BASE_PATH: "/shop" });
    expect(statSync(`${directory}/data`).mode & 0o777).toBe(0o700);
    for (const told of [`${directory}/data/regulars.db`, `${server.url}/docs`, String(server.key)]) expect(server.greeting).toContain(told);
    const [, command = ""] = /Try {3}(curl .*)/.exec(server.greeting) ?? [];
    const { out } = await run(["sh", "-c", `${command.replace("curl", "curl -s")}`], directory);
    expect(JSON.parse(out)).toMatchObject({ success: true, data: { type: "sale", duplicate: false } });
    expect((await health(directory, { PORT: new URL(server.url).port })).code).toBe(0);
    // A terminal's Ctrl-C comes twice when a script's runner passes it on.
    process.kill(server.pid, "SIGINT");
    expect(await server.stop("SIGINT")).toBe(0);
  });

  test("says of a port in use what to do, in one line, and leaves the database free", async () => {
    const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
    const directory = temporaryFolder();
    const { code, out, err } = await run([...FROM_SOURCE, "serve"], directory, { PORT: String(taken.port) });
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^[^\n]*in use[^\n]*PORT[^\n]*\n$/);
    await taken.stop(true);
    const server = await start(FROM_SOURCE, directory);
    expect(await server.stop()).toBe(0);
  });

  test.each([
    ["an address that is not this machine's", { HOST: "192.0.2.1" }, /HOST/],
    ["an address that there is not", { HOST: "nowhere.invalid" }, /HOST/],
    ["a bad setting", { PORT: "99999" }, /^PORT must be/],
    ["a folder that cannot be made", { DATABASE_PATH: "/proc/none/regulars.db" }, /\/proc\/none.*DATABASE_PATH/],
    ["a folder that is a file", { DATABASE_PATH: "file/regulars.db" }, /folder.*DATABASE_PATH/],
    ["a folder in the database's place", { DATABASE_PATH: "folder" }, /is a directory/],
  ])("says of %s what to do, in one line", async (_, settings, message) => {
    const directory = temporaryFolder();
    writeFileSync(`${directory}/file`, "");
    mkdirSync(`${directory}/folder`);
    const { code, err } = await run([...FROM_SOURCE, "serve"], directory, settings);
    expect(code).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});

describe("health", () => {
  test("ends with 1 when nobody answers, and with 2 when it cannot know whom to ask", async () => {
    const directory = temporaryFolder();
    const free = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("", { status: 503 }) });
    const settings = { PORT: String(free.port) };
    expect(await health(directory, settings)).toMatchObject({ code: 1, err: expect.stringContaining("answers 503") });
    await free.stop(true);
    expect(await health(directory, settings)).toMatchObject({ code: 1, err: expect.stringContaining("No server answers at") });
    expect((await health(directory, { PORT: "0" })).code).toBe(2);
  });
});
