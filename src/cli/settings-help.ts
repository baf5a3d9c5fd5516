// Which settings are there? The part of the help text that says, from the list that reads them.
import { SETTINGS } from "../host/config.ts";

/** The settings with their defaults, in columns. */
export function toSettingsHelp(): string {
  const nameWidth = Math.max(...SETTINGS.map(({ name }) => name.length));
  const defaultWidth = Math.max(...SETTINGS.map((setting) => setting.default.length));
  const rows = SETTINGS.map(
    ({ name, default: fallback, help }) => `  ${name.padEnd(nameWidth)}  ${fallback.padEnd(defaultWidth)}  ${help}`,
  );
  return ["SETTINGS (from the environment, with their defaults)", "", ...rows].join("\n");
}
