// Is TLS of a webhook checked for the name in its URL, though the connection goes to an address? The certificates are made by openssl.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";

const NEEDED = process.env.NO_SKIP !== undefined;
const POST = join(import.meta.dir, "../../src/feed/webhooks/post.ts");

function makeCertificates(folder: string, names: readonly string[]): void {
  const openssl = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder });
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  const key = ["-newkey", "rsa:2048", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test");
  for (const name of names) {
    writeFileSync(join(folder, "names"), `subjectAltName=DNS:${name}`);
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...signed);
  }
}

/** A program that posts to two servers under the name good.example, and prints what comes of it. */
const PROGRAM = `
  const { post } = await import(${JSON.stringify(POST)});
  for (const name of ["good.example", "other.example"]) {
    const tls = { cert: Bun.file(name + ".pem"), key: Bun.file(name + ".key") };
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", tls, fetch: () => new Response("") });
    const url = new URL("https://good.example:" + server.port + "/");
    console.log(await post({ url, address: "127.0.0.1", headers: {}, body: "{}" }).catch((error) => error.message));
    await server.stop(true);
  }
  process.exit(0);`;

test.skipIf(!NEEDED && Bun.which("openssl") === null)("a certificate of another name, or of nobody we know, is refused", () => {
  const folder = temporaryFolder();
  makeCertificates(folder, ["good.example", "other.example"]);
  const run = (env: Record<string, string>) =>
    Bun.spawnSync([process.execPath, "-e", PROGRAM], { cwd: folder, env: { PATH: process.env.PATH ?? "", ...env } })
      .stdout.toString()
      .trim()
      .split("\n");
  expect(run({ NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") })).toEqual(["200", "TLS failed (ERR_TLS_CERT_ALTNAME_INVALID)"]);
  for (const said of run({})) expect(said).toStartWith("TLS failed (");
});
