// Which columns and rows has a report as CSV? Each report has a table of its own; this is what the tables have in common.
import type { TObject } from "@sinclair/typebox";

/** What only JSON has: explanations of rows, and the credit of further models. */
const ONLY_JSON = new Set(["explain", "compare"]);

/** The columns of the rows with a schema, in its order. */
export const columnsOf = ({ properties }: TObject): string[] => Object.keys(properties).filter((name) => !ONLY_JSON.has(name));
