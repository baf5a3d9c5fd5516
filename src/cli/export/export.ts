// How are customers or entries exported as NDJSON or CSV? In pages, so that neither memory nor a read transaction grows.
import { defineCommand } from "citty";
import { Failure } from "../failure.ts";
import { strict } from "../strict.ts";
import { withWorkspace } from "../workspace.ts";
import { type Cell, toCsvRecord } from "./csv.ts";
import { CUSTOMER_COLUMNS, customerPages } from "./customers.ts";
import { ENTRY_COLUMNS, entryPages } from "./entries.ts";

export const exportCommand = defineCommand({
  meta: { name: "export", description: "Write all customers or all entries to standard output. `regulars import` reads entries as NDJSON" },
  args: {
    what: { type: "positional", description: "customers or entries", required: true },
    format: {
      type: "enum",
      options: ["ndjson", "csv"],
      description: "ndjson: one JSON object per line; csv: with a header row",
      default: "ndjson",
    },
  },
  plugins: [strict],
  run: ({ args }) => {
    if (args.what !== "customers" && args.what !== "entries")
      throw new Failure(`There is no export called ${args.what}: use customers or entries.`, 2);
    return withWorkspace(async (context) => {
      await context.ledger.catchUp();
      const pages = args.what === "customers" ? customerPages(context) : entryPages(context, args.format);
      const columns = args.what === "customers" ? CUSTOMER_COLUMNS : ENTRY_COLUMNS;
      if (args.format === "csv") await write(toCsvRecord(columns));
      for (const page of pages) {
        const text =
          args.format === "csv"
            ? page.map((row) => toCsvRecord(columns.map((column) => toCell(row[column]))))
            : page.map((row) => `${JSON.stringify(row)}\n`);
        if (!(await write(text.join("")))) return;
      }
    });
  },
});

function toCell(value: unknown): Cell {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : (value as Cell);
}

/** Writes to standard output. False if the reader has ended (`export … | head`), which is not a failure. */
async function write(text: string): Promise<boolean> {
  try {
    await Bun.write(Bun.stdout, text);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return false;
    throw error;
  }
}
