// Do README, CONTRIBUTING and SECURITY name only paths that exist?
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";

const ROOT = `${import.meta.dir}/../..`;

test.each(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".github/SECURITY.md"])("every path in %s exists", async (file) => {
  const text = await Bun.file(`${ROOT}/${file}`).text();
  const paths = [...text.matchAll(/`((?:src|db|test|\.github|\.ci)\/[\w./-]*)`/g)].map(([, path = ""]) => path);
  expect(paths.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  if (file === "CONTRIBUTING.md") expect(paths.length).toBeGreaterThan(30);
});
