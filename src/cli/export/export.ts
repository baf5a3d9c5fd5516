// How are customers or entries exported as NDJSON or CSV? In pages, so that neither memory nor a read transaction grows.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { toCsvRecord, toCsvRow } from "../../value/csv.ts";
import { toAmount } from "../amount.ts";
import { Failure } from "../failure.ts";
import { strict } from "../strict.ts";
import { withWorkspace } from "../workspace.ts";
import { CUSTOMER_COLUMNS, customerPages } from "./customers.ts";
import { ENTRY_COLUMNS, entryPages } from "./entries.ts";
import { countErasedEntries, LEFT_OUT, workspacePages } from "./workspace.ts";

export const exportCommand = defineCommand({
  meta: {
    name: "export",
    description:
      "Write the workspace, all entries or all customers to standard output. `regulars import` reads a workspace, or entries as NDJSON",
  },
  args: {
    what: { type: "positional", description: "workspace (all that reports are made of), entries or customers", required: true },
    format: {
      type: "enum",
      options: ["ndjson", "csv"],
      description: "ndjson: one JSON object per line; csv: with a header row",
      default: "ndjson",
    },
  },
  plugins: [strict],
  run: ({ args }) => {
    const { what, format } = args;
    if (what !== "customers" && what !== "entries" && what !== "workspace")
      throw new Failure(`There is no export called ${what}: use workspace, entries or customers.`, 2);
    if (what === "workspace" && format === "csv")
      throw new Failure("A workspace is written as NDJSON, which import reads: leave out --format csv.", 2);
    return withWorkspace(async (context) => {
      await context.ledger.catchUp();
      const pages = pagesOf(context, what, format);
      const columns = what === "customers" ? CUSTOMER_COLUMNS : ENTRY_COLUMNS;
      if (format === "csv") await write(toCsvRecord(columns));
      for (const page of pages) {
        const text = format === "csv" ? page.map((row) => toCsvRow(row, columns)) : page.map((row) => `${JSON.stringify(row)}\n`);
        if (!(await write(text.join("")))) return;
      }
      const leftOut = leftOutOf(context, what);
      if (leftOut !== undefined) console.error(leftOut);
    });
  },
});

type What = "customers" | "entries" | "workspace";

function pagesOf(context: Context, what: What, format: "ndjson" | "csv") {
  if (what === "workspace") return workspacePages(context);
  return what === "customers" ? customerPages(context) : entryPages(context, format);
}

/** What the export leaves out, for the person who runs it. Undefined for customers, because `import` does not read them. */
function leftOutOf(context: Context, what: What): string | undefined {
  if (what === "customers") return undefined;
  if (what === "entries")
    return "Not in this export: exchange rates, calls of POST and PATCH /customers, and former externalIds. `regulars export workspace` has all of these.";
  const erased = countErasedEntries(context);
  const people = erased === 0 ? "" : ` and ${toAmount(erased, "entry")} of erased customers, which the reports of this workspace count`;
  return `Not in this export: ${LEFT_OUT}${people === "" ? "" : `;${people}`}.`;
}

/** Writes to standard output. False if the reader has ended (`export … | head`), which is not a failure. Writing nothing would empty a file (Bun 1.4.5). */
async function write(text: string): Promise<boolean> {
  if (text === "") return true;
  try {
    await Bun.write(Bun.stdout, text);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return false;
    throw error;
  }
}
