// Is this installation in order, and if not, how is it repaired?
import { defineCommand } from "citty";
import { examine } from "../ops/doctor/examine.ts";
import { type Finding, fine, warning } from "../ops/doctor/finding.ts";
import { lookAtSettings } from "../ops/doctor/settings.ts";
import { lookAtAnalytics } from "./doctor-analytics.ts";
import { askHealth, toLocalUrl } from "./health.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

export const doctorCommand = defineCommand({
  meta: {
    name: "doctor",
    description: "Check the installation (settings, permissions, disk, clock, database, backups, server) and say how to fix each problem",
  },
  plugins: [strict],
  async run() {
    const config = readSettings();
    const findings: Finding[] = [lookAtSettings(process.env), ...examine(config, Date.now())];
    findings.push(...(await lookAtAnalytics(config)));
    const url = toLocalUrl(config);
    const status = config.port === 0 ? undefined : await askHealth(config);
    findings.push(
      status === 200
        ? fine("server", `a server answers at ${url}`)
        : warning(
            "server",
            status === undefined ? `no server answers at ${url}` : `the server at ${url} answers ${status}`,
            status === undefined ? "start one with `regulars serve` if it should be running" : "read its log",
          ),
    );
    for (const { level, subject, text } of findings) console.log(`${level.padEnd(4)}  ${subject.padEnd(10)}  ${text}`);
    if (findings.some(({ level }) => level === "fail")) process.exitCode = 1;
  },
});
