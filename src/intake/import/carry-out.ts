// What becomes of a row of a file? It goes through the same code as a request or a webhook, and gets a result.
import type { Context } from "../../context.ts";
import { openEffects } from "../effect/apply.ts";
import { toOutcome } from "../effect/outcome.ts";
import type { Refused } from "../events.ts";
import { openEvents } from "../events.ts";
import { type LineResult, openWorkspaceLines } from "../workspace-line.ts";
import { type RowResult, toReason } from "./report.ts";
import type { Row } from "./rows.ts";

const INVALID = "VALIDATION_ERROR";

function toResult({ error }: Refused): RowResult {
  return { result: error.code === "CONFLICT" ? "conflict" : "refused", reason: toReason(error), rejection: error };
}

/** A row that cannot be read. */
export const toUnreadable = (problem: string): RowResult => ({
  result: "refused",
  reason: problem,
  rejection: { code: INVALID, message: problem },
});

/** What `WorkspaceLines` made of a line. */
export function toLineResult(result: LineResult | undefined): RowResult {
  if (result === undefined) return { result: "ignored" };
  return "error" in result ? toResult(result) : { result: result.duplicate ? "duplicate" : "recorded" };
}

/** Opens the function that carries one row out, within a write. */
export function openCarryOut(context: Context): (row: Row) => RowResult {
  const lines = openWorkspaceLines(context, openEvents(context));
  const apply = openEffects(context);

  return ({ content }) => {
    if ("problem" in content) return toUnreadable(content.problem);
    if ("parsed" in content) return toLineResult(lines.many([content.parsed])[0]);
    const { meaning } = content;
    if ("ignored" in meaning) return { result: "ignored", reason: meaning.ignored };
    const { result, reason, detail, unnamed } = toOutcome(meaning.flatMap((effect) => apply(effect)));
    if (result === "recorded" || result === "duplicate") return { result };
    const isRejected = result !== "ignored";
    const message = detail === null ? reason : `${reason} (${detail})`;
    return {
      result,
      reason,
      ...(unnamed && { unnamed }),
      ...(isRejected && { rejection: { code: result === "conflict" ? "CONFLICT" : INVALID, message } }),
    };
  };
}
