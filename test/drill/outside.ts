// Does the server contact no other host? Every connection of a whole run is traced, from the start over every page to the stop.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Drill, Faults } from "./drill.ts";
import { innerPid, startVictim } from "./victim.ts";
import { Answers, CLOCK, Writer } from "./writer.ts";

const REQUESTS = 100;
/** An address that nobody has (RFC 5737). The control connects to it. */
const NOBODY = "192.0.2.1";

const straceTo = (path: string) => ["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-s", "0", "-o", path];

/** The addresses outside this machine that occur in a trace. */
function addressesIn(path: string): string[] {
  const text = readFileSync(path, "latin1");
  const all = [...text.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)].map(([, four, six]) => four ?? six ?? "");
  return [...new Set(all)].filter((address) => !/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(address));
}

export const outside: Drill = {
  name: "outside",
  promise: "Nobody is called",
  rounds: { full: 1, quick: 1 },
  needs: { strace: "strace" },
  async run({ seed, folder }) {
    const faults = new Faults();
    const trace = join(folder, "trace");
    const victim = await startVictim({ folder, env: { CLOCK }, wrapper: straceTo(trace) });
    const answers = new Answers();
    await new Writer(seed, "outside", answers).run(victim, () => answers.requests >= REQUESTS);
    const paths: string[] = [];
    let text = "";
    for (const page of ["/docs", "/"]) {
      const { text: html } = await victim.ask("GET", page);
      text += html;
      paths.push(page);
      for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) if (path) paths.push(new URL(path, `${victim.url}${page}`).pathname);
    }
    const document = await (await fetch(`${victim.url}/docs/json`)).json();
    for (const path of Object.keys((document as { paths: Record<string, unknown> }).paths))
      paths.push(path.replace(/\{\w+\}/g, "ext_shopper-1"));
    let pages = 0;
    for (const path of paths) {
      await victim.ask("GET", path);
      pages += 1;
    }
    process.kill(innerPid(victim.pid), "SIGTERM");
    await victim.exited;
    const called = addressesIn(trace);
    faults.unless(called.length === 0, `the server called ${called.join(", ")}`);
    faults.unless(!/https?:\/\/(?!localhost|127\.)[^"' ]+\.(?:js|css|png)/.test(text), "a page loads something from elsewhere");

    const control = join(folder, "control");
    const code = `await fetch("http://${NOBODY}/", { signal: AbortSignal.timeout(500) }).catch(() => undefined)`;
    await Bun.spawn([...straceTo(control), process.execPath, "-e", code], { stdout: "ignore", stderr: "ignore" }).exited;
    faults.unless(addressesIn(control).includes(NOBODY), "control: a call outside is not seen");
    return {
      figures: { requests: answers.requests + pages, "calls outside": called.length, "control: calls seen": addressesIn(control).length },
      faults: faults.list,
    };
  },
};
