// Is there a variable in the environment that was meant to be a setting, but is spelt otherwise? The program ignores it, without a word.
import { SETTINGS } from "../../host/config.ts";
import { findNear } from "../../http/near.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** Looks at the names in the environment of valid settings. No value is told. */
export function lookAtSettings(env: Readonly<Record<string, string | undefined>>): Finding {
  const known = SETTINGS.map(({ name }) => name);
  const meant = Object.keys(env).flatMap((name) => {
    const near = known.includes(name) ? undefined : findNear(name, known);
    // Both may be there, such as HOST and a HOST1 of another program.
    return near === undefined || env[near] !== undefined ? [] : [`${name} is no setting, did you mean ${near}?`];
  });
  if (meant.length > 0) return warning("settings", meant.join(" "), "rename it, or ignore this if it is another program's");
  return fine("settings", "all settings are valid");
}
