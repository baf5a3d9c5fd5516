// Which settings are there? This part of the help text is generated from the list by which they are read.
import { SETTINGS } from "../host/config.ts";

const MOST_WIDTH = 30;

/** The settings with their defaults, in columns. */
export function toSettingsHelp(): string {
  const nameWidth = Math.max(...SETTINGS.map(({ name }) => name.length));
  // One long default must not push the descriptions of all others aside.
  const defaultWidth = Math.max(...SETTINGS.map((setting) => setting.default.length).filter((length) => length <= MOST_WIDTH));
  const rows = SETTINGS.map(
    ({ name, default: fallback, help }) => `  ${name.padEnd(nameWidth)}  ${fallback.padEnd(defaultWidth)}  ${help}`,
  );
  return ["SETTINGS (environment variables, with their defaults)", "", ...rows].join("\n");
}
