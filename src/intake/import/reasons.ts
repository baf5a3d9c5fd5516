// For which reasons were lines rejected, and how many for each? An import says it at the end, so that nobody has to read all rejected lines.
import type { Detail } from "../../value/error.ts";

/** Why a line was rejected. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly Detail[] | undefined;
}

export interface Reasons {
  /** Counts a rejected line. */
  add(line: number, rejection: Rejection): void;
  /** A text line for each reason, the most frequent first; none if no line was rejected. */
  toLines(): string[];
}

/** How many reasons are shown, and how many are told apart at all. */
const MOST_SHOWN = 10;
const MOST_KNOWN = 1000;

/** The same fields with the same code are one reason, whatever their values. */
const reasonOf = ({ code, message, details = [] }: Rejection): string =>
  details.length > 0 ? `${code} ${fieldsOf(details)}` : `${code} ${message}`;
const fieldsOf = (details: readonly Detail[]): string => [...new Set(details.map(({ path }) => path || "(the line)"))].sort().join(", ");

/** What one line was rejected for, as an example of its reason. */
function describe({ code, message, details = [] }: Rejection): string {
  const [first] = details;
  if (!first) return `${code}: ${message}`;
  return `${code}, ${fieldsOf(details)}: ${first.message}`;
}

export function openReasons(): Reasons {
  const known = new Map<string, { count: number; readonly line: number; readonly rejection: Rejection }>();
  let others = 0;
  return {
    add(line, rejection) {
      const name = reasonOf(rejection);
      const found = known.get(name);
      if (found) found.count += 1;
      else if (known.size < MOST_KNOWN) known.set(name, { count: 1, line, rejection });
      else others += 1;
    },
    toLines() {
      const sorted = [...known.values()].sort((a, b) => b.count - a.count || a.line - b.line);
      const shown = sorted.slice(0, MOST_SHOWN);
      const rest = sorted.slice(MOST_SHOWN).reduce((sum, { count }) => sum + count, others);
      const width = String(shown[0]?.count ?? 0).length;
      return [
        ...shown.map(({ count, line, rejection }) => `  ${String(count).padStart(width)} × ${describe(rejection)} (first in line ${line})`),
        ...(rest > 0 ? [`  ${String(rest).padStart(width)} × for other reasons`] : []),
      ];
    },
  };
}
