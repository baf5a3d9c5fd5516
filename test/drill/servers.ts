// Can only one server use a database, and do commands work beside it?
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Drill, Faults } from "./drill.ts";
import { PROGRAM, runCommand, startVictim, toEnvironment } from "./victim.ts";

const sale = (id: number, person: number) => ({
  type: "sale",
  orderId: `o-${id}`,
  externalId: `user_${person}`,
  timestamp: "2026-01-05T10:00:00Z",
  value: 10,
});
const IMPORTED = 3000;

export const servers: Drill = {
  name: "servers",
  promise: "One server",
  rounds: { full: 20, quick: 6 },
  async run({ rounds, folder }) {
    const faults = new Faults();
    const figures = { servers: rounds, serving: 0, "told who": 0, commands: 0, "answered beside": 0, "refused beside": 0 };

    const children = Array.from({ length: rounds }, () =>
      Bun.spawn([...PROGRAM, "serve"], { cwd: folder, env: toEnvironment(folder), stdin: "ignore", stdout: "ignore", stderr: "pipe" }),
    );
    const isEnded = () => children.filter(({ exitCode }) => exitCode !== null).length;
    for (const until = performance.now() + 60_000; isEnded() < rounds - 1 && performance.now() < until; ) await Bun.sleep(20);
    const holders = children.filter(({ exitCode }) => exitCode === null);
    figures.serving = holders.length;
    faults.unless(figures.serving === 1, `${figures.serving} servers of ${rounds} serve`);
    faults.unless(
      children.every(({ exitCode }) => exitCode === null || exitCode === 1),
      "a server that was kept out did not end with 1",
    );
    for (const { exitCode, stderr } of children) {
      if (exitCode === null) continue;
      const said = await new Response(stderr).text();
      const isTold = /^The database \S+ is in use by another server \(process \d+ on \S+, since \S+\): [^\n]+\n$/.test(said);
      if (isTold) figures["told who"] += 1;
      faults.unless(isTold, `a server that was kept out said ${JSON.stringify(said)}`);
    }
    const late = await runCommand(["serve"], folder);
    faults.unless(late.code === 1 && late.err.includes(`(process ${holders[0]?.pid} on `), `a late server is told ${late.err}`);
    for (const holder of holders) {
      holder.kill("SIGKILL");
      await holder.exited;
    }

    const server = await startVictim({ folder, env: { SNAPSHOT_TTL: "600" } });
    await server.ask("POST", "/events", sale(0, 1));
    const sales = async () =>
      (await server.ask<{ metrics: { sales: number } }>("GET", "/customers/ext_user_1", undefined, { "cache-control": "" })).text;
    const before = await sales();
    let isWorking = true;
    const beside = (async () => {
      for (let id = 1_000_000; isWorking; id += 1) {
        const { status } = await server.ask("POST", "/events", sale(id, 2));
        figures[status === 201 ? "answered beside" : "refused beside"] += 1;
        faults.unless(status === 201 || status === 503, `beside a command: ${status}`);
        await Bun.sleep(2);
      }
    })();
    writeFileSync(
      join(folder, "import.ndjson"),
      Array.from({ length: IMPORTED }, (_, index) => `${JSON.stringify(sale(index + 1, index % 50))}\n`).join(""),
    );
    for (const command of [
      ["import", "import.ndjson"],
      ["keys", "create", "--scope", "links:read"],
      ["rebuild"],
      ["backup", "copy.db"],
      ["export", "customers"],
    ]) {
      const { code, err } = await runCommand(command, folder);
      faults.unless(code === 0, `${command[0]} beside a server ends with ${code}: ${err}`);
      figures.commands += 1;
    }
    isWorking = false;
    await beside;
    faults.unless((await sales()) !== before, "the server did not notice what a command wrote");
    faults.unless((await server.stop()) === 0, "the server did not stop with 0");
    return { figures, faults: faults.list };
  },
};
