// How are the figures printed, and how are they stored?
import { writeFileSync } from "node:fs";
import type { Line, Target } from "./measure.ts";

function toFigure(value: number | undefined, unit: Line["unit"]): string {
  if (value === undefined) return "";
  const digits = unit === "/s" ? 0 : value < 1 ? 3 : value < 100 ? 2 : 0;
  return `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

function toTarget({ of, least, most }: Target, unit: Line["unit"]): string {
  if (of === "none") return "";
  const bound = least === undefined ? `≤ ${most}` : `≥ ${least}`;
  if (of === "more") return `${bound} ${unit} more`;
  return of === "ours" ? `${bound} ${unit}` : of === "faster" ? `${bound} × faster` : `${bound} ×`;
}

/** The ratio as the target defines it; without such a target, ours ÷ the peer's. */
function toRatio({ target, judged, ours, peer = Number.NaN }: Line): string {
  const ratio = target.of === "faster" || target.of === "share" ? judged : ours / peer;
  return ratio.toFixed(ratio < 10 ? 2 : 0);
}

/** The table in Markdown. */
export function toTable(lines: readonly Line[]): string {
  const head = ["what", "ours", "peer", "ratio", "target", "met"];
  const rows = lines.map((line) => [
    `${line.part}: ${line.what}`,
    toFigure(line.ours, line.unit),
    line.peer === undefined ? "" : `${toFigure(line.peer, line.unit)}${line.against ? ` (${line.against})` : ""}`,
    line.peer === undefined ? "" : toRatio(line),
    toTarget(line.target, line.unit),
    `${line.target.of === "none" ? "" : line.met ? "met" : "NOT MET"}${line.note ? ` (${line.note})` : ""}`,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const toText = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [toText(head), toText(widths.map((width) => "-".repeat(width))), ...rows.map(toText)].join("\n");
}

/** Writes the same as JSON, with the time and the machine of the measurement. */
export function writeJson(path: string, size: string, lines: readonly Line[], about: Readonly<Record<string, unknown>>): void {
  writeFileSync(path, `${JSON.stringify({ size, ...about, lines }, null, 2)}\n`);
}
