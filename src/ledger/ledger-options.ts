// What does a ledger need, and when does it derive?
import type { Database } from "../../db/database.ts";
import type { Calendar } from "../value/calendar.ts";
import type { RecomputeBeside } from "./large-customers.ts";

/** When a write's customers are refreshed. `asked`: before the next read. `soon`: also in the background, shortly after the write. */
export type Derives = "asked" | "soon";

export interface LedgerOptions {
  database: Database;
  /** The reporting currency. */
  currency: string;
  calendar: Calendar;
  /** How far a sale looks back for touches, in days of 24 hours. */
  attributionWindowDays: number;
  now: () => number;
  /** Called after each stored write that changed something, with the customers that it changed. */
  onChanged?: (customerIds: readonly number[]) => void;
  derives?: Derives | undefined;
  onBackgroundError?: (error: unknown) => void;
  /** The most entries that are reassigned or revalued within one write; the rest follow soon after. The default is 500. The results are the same. */
  reassignAtOnce?: number | undefined;
  /** For up to how many milliseconds of work a read waits, and how many may be left before intake waits; for tests. */
  readWaitsMs?: number | undefined;
  intakeWaitsMs?: number | undefined;
  /** Recomputes customers with very many entries on another thread. Undefined: this one does it. */
  recomputeBeside?: RecomputeBeside | undefined;
  /** From how many entries on. The default is 5,000. */
  largeFrom?: number | undefined;
  /** Is the database a standby? Then the primary decides who is who and what is worth what, and only figures are derived here. */
  isStandby?: (() => boolean) | undefined;
}
