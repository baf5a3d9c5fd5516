// Is this installation in order, and if not, how is it mended?
import { defineCommand } from "citty";
import { examine } from "../ops/doctor/examine.ts";
import { type Finding, fine, warning } from "../ops/doctor/finding.ts";
import { askHealth, toLocalUrl } from "./health.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

export const doctorCommand = defineCommand({
  meta: {
    name: "doctor",
    description:
      "Look at the installation (settings, permissions, disk, clock, database, backups, server) and say how to mend what is not in order",
  },
  plugins: [strict],
  async run() {
    const config = readSettings();
    const findings: Finding[] = [fine("settings", "all are valid"), ...examine(config, Date.now())];
    const url = toLocalUrl(config);
    const status = config.port === 0 ? undefined : await askHealth(config);
    findings.push(
      status === 200
        ? fine("server", `answers at ${url}`)
        : warning(
            "server",
            status === undefined ? `none answers at ${url}` : `${url} answers ${status}`,
            "start it with `regulars serve`, if it should run",
          ),
    );
    for (const { level, subject, text } of findings) console.log(`${level.padEnd(4)}  ${subject.padEnd(10)}  ${text}`);
    if (findings.some(({ level }) => level === "fail")) process.exitCode = 1;
  },
});
