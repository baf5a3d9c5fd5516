// What does the doctor report about one thing that it checked?

export type Level = "ok" | "warn" | "fail";

export interface Finding {
  readonly level: Level;
  /** What was checked, in one word. */
  readonly subject: string;
  /** What was found and, if it is a problem, how to fix it. */
  readonly text: string;
}

export const fine = (subject: string, text: string): Finding => ({ level: "ok", subject, text });
export const warning = (subject: string, problem: string, remedy: string): Finding => ({
  level: "warn",
  subject,
  text: `${problem}: ${remedy}.`,
});
export const failure = (subject: string, problem: string, remedy: string): Finding => ({
  level: "fail",
  subject,
  text: `${problem}: ${remedy}.`,
});

/** Bytes for a person: `1.5 GB`. */
export function toSize(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
