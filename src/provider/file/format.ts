// What must be known of a format of files to read it?
import type { Calendar } from "../../value/calendar.ts";
import type { Meaning } from "../effect.ts";
import type { FileSource } from "../provider.ts";
import type { ColumnMap } from "./column-map.ts";
import type { Header, Row } from "./row.ts";

export type FormatName =
  | "stripe payments"
  | "stripe balance"
  | "stripe customers"
  | "shopify orders"
  | "shopify customers"
  | "woocommerce orders"
  | "dub customers"
  | "mapped"
  | "ndjson";

export interface FileOptions {
  /** What each column of a file of no known format means. */
  readonly map?: ColumnMap | undefined;
  /** The shop of Shopify's files, which do not name it: `my-shop` or `my-shop.myshopify.com`. */
  readonly shop?: string | undefined;
  /** Take a Stripe file that has charges without their PaymentIntents. Webhooks of these payments would count twice. */
  readonly byCharge?: boolean | undefined;
  /** Take payments of the provider's test mode, too. */
  readonly testMode?: boolean | undefined;
  /** The workspace's zone, in which times without an offset are. */
  readonly zone: string;
  /** The names under which metadata holds the user's own id of the customer, best first. */
  readonly idKeys: readonly string[];
  /** The reporting currency, of values in files with a map that names no currency. */
  readonly currency: string;
  /**
   * When the file was exported, in milliseconds since 1970 UTC, if that is later than its newest date: its totals of refunds know of refunds
   * until then. A file of last month's orders knows of this month's refunds, and many have no date for these.
   */
  readonly exportedAt?: number | undefined;
  /** The clock, in milliseconds since 1970 UTC. What has no date is said for now, and no date that counts is more than a day later. */
  readonly now: number;
}

/** Reads the rows of one file, in their order. */
export interface Reader {
  /** The columns of all dates. The newest one of the file is until when its totals of refunds know of refunds, unless it was exported later. */
  readonly dates: readonly string[];
  readonly calendar: Calendar;
  /**
   * What a row means; undefined for a row that continues the one before. What cannot be read is in the row's problems. `newestAt`: until
   * when the file knows of refunds.
   */
  read(row: Row, newestAt: number): Meaning | undefined;
  /** What the user should know about the rows read so far. */
  notes(): readonly string[];
}

export interface Format {
  readonly name: FormatName;
  readonly provider: FileSource;
  fits(header: Header): boolean;
  /** Throws FileError if the file cannot be taken as it is. */
  open(header: Header, options: FileOptions): Reader;
}
