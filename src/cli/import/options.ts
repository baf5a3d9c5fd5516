// How is a file to be read? The options that `import` and `reconcile` share.
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Context } from "../../context.ts";
import type { ImportOptions } from "../../intake/import/store.ts";
import { readColumnMap } from "../../provider/file/column-map.ts";
import { checkInstant } from "../../value/instant.ts";
import { Failure } from "../failure.ts";

export const fileArgs = {
  file: { type: "positional", description: "The file, or - for standard input", required: true },
  map: {
    type: "string",
    description: "Which columns of any CSV hold our fields, as in orderId=Order,value=Total, or a file with such lines",
  },
  shop: { type: "string", description: "The shop that a Shopify file is of, as in my-shop or my-shop.myshopify.com" },
  "by-charge": {
    type: "boolean",
    description: "Take a Stripe file without the column PaymentIntent ID. Live webhooks of these payments would count twice",
    default: false,
  },
  "exported-at": {
    type: "string",
    description: "When the file was exported, if that is later than its newest date: what it says is refunded includes refunds until then",
  },
} as const;

export interface FileArgs {
  readonly file: string;
  readonly map?: string;
  readonly shop?: string;
  readonly "by-charge"?: boolean;
  readonly "exported-at"?: string;
}

/** The name by which an import is listed. */
export const nameOf = (file: string): string => (file === "-" ? "standard input" : basename(file));

/** Throws FileError for a map that cannot be read. */
export function toImportOptions({ map, shop, "by-charge": byCharge = false }: FileArgs): ImportOptions {
  const text = map !== undefined && !map.includes("=") && existsSync(map) ? readFileSync(map, "utf8") : map;
  return { ...(text !== undefined && { map: readColumnMap(text) }), ...(shop !== undefined && { shop }), ...(byCharge && { byCharge }) };
}

/** Throws Failure for what is no instant. */
export function exportedAtOf({ "exported-at": text }: FileArgs, context: Context): Pick<ImportOptions, "exportedAt"> {
  if (text === undefined) return {};
  const checked = checkInstant(text, context);
  if ("message" in checked) throw new Failure(`--exported-at ${checked.message}.`);
  return { exportedAt: checked.at };
}
