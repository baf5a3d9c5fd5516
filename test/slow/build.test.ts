// Is a build the same bytes wherever it is made, and are the other platforms' builds made at all?

import { expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { run } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const ROOT = `${import.meta.dir}/../..`;

/** A copy of what the build reads, in a folder of its own. */
async function copyProject(): Promise<string> {
  const copy = temporaryFolder();
  const parts = ["package.json", "bun.lock", "tsconfig.json", "src", "db", "test", "node_modules"];
  const { code, err } = await run(["sh", "-c", `cp -al ${parts.join(" ")} ${copy}/ || cp -a ${parts.join(" ")} ${copy}/`], ROOT);
  expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
  return copy;
}

const settings = { REGULARS_COMMIT: "0123456789ab" };

test("two builds in different folders are byte-equal", async () => {
  const sums: string[] = [];
  for (const folder of [await copyProject(), await copyProject()]) {
    const { code, out, err } = await run([process.execPath, "test/release/main.ts"], folder, settings);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("dist/regulars ");
    sums.push(new Bun.CryptoHasher("sha256").update(await Bun.file(`${folder}/dist/regulars`).arrayBuffer()).digest("hex"));
    rmSync(folder, { recursive: true, force: true });
  }
  expect(sums[0]).toBe(String(sums[1]));
}, 120_000);

test("a release has a binary with its own addon for each platform, all of them in SHA256SUMS", async () => {
  const folder = await copyProject();
  const { code, err } = await run([process.execPath, "test/release/main.ts", "--all"], folder, { ...settings, HOME: folder });
  expect([code, err]).toEqual([0, ""]);
  const check = await run(["sha256sum", "-c", "SHA256SUMS"], `${folder}/dist`);
  expect(check.out.trim().split("\n")).toHaveLength(8);
  expect(check.code).toBe(0);
  expect(existsSync(`${folder}/dist/regulars-win32-x64.exe`)).toBe(true);
  expect((await run([`${folder}/dist/regulars-linux-x64`, "--version"], folder)).out).toContain("(0123456789ab)");
  rmSync(folder, { recursive: true, force: true });
}, 300_000);
