// Who reads the history of a customer with very many entries for a report, or totals of very many keys? This thread, with a connection that only reads.
import { connectReader } from "../../db/connection.ts";
import type { Config } from "../host/config.ts";
import type { ThreadResponse } from "../host/thread-client.ts";
import { openCalendar } from "../value/calendar.ts";
import type { AttributionAnswer, AttributionQuestion } from "./attribution/answer.ts";
import { openAttribution } from "./attribution/attribution.ts";
import { openTotals } from "./attribution/totals.ts";
import type { TotalsAnswer, TotalsQuestion } from "./attribution/totals-answer.ts";
import type { JourneyAnswer, JourneyQuestion } from "./journey/answer.ts";
import { openJourney } from "./journey/journey.ts";

/** A request to the thread: a report about one customer or the attribution of all, from the database of the settings; or to close it. */
export type LargeRequest =
  | { readonly config: Config; readonly journey: JourneyQuestion }
  | { readonly config: Config; readonly attribution: AttributionQuestion }
  | { readonly config: Config; readonly totals: TotalsQuestion }
  | { readonly close: true };
export type LargeAnswer = JourneyAnswer | AttributionAnswer | TotalsAnswer | undefined;

/** The page cache. Pages of the log are read once, so a small one is enough. */
const CACHE_KIB = 8000;

declare const self: Worker;
let open: ReturnType<typeof openAt> | undefined;

function openAt(config: Config) {
  const sqlite = connectReader(config.databasePath);
  sqlite.pragma(`cache_size = -${CACHE_KIB}`);
  // The customer was brought up to date before the thread was asked.
  const context = {
    config,
    database: { sqlite },
    ledger: { ensureCustomerFresh: () => undefined },
    calendar: openCalendar(config.timezone),
  };
  return {
    journey: openJourney(context),
    attribution: openAttribution(context),
    totals: openTotals(context),
    close: () => void sqlite.close(),
  };
}

async function answer(request: LargeRequest): Promise<LargeAnswer> {
  if ("close" in request) {
    open?.close();
    open = undefined;
    return undefined;
  }
  open ??= openAt(request.config);
  if ("totals" in request) return open.totals(request.totals);
  return "journey" in request ? open.journey(request.journey) : open.attribution(request.attribution);
}

async function respond(request: LargeRequest): Promise<ThreadResponse<LargeAnswer>> {
  try {
    return { answer: await answer(request) };
  } catch (error) {
    const { cause } = error as Error;
    const { message, code } = (cause ?? error) as Error & { code?: unknown };
    return { error: { message, code } };
  }
}

self.onmessage = ({ data }: MessageEvent<LargeRequest>) => void respond(data).then((response) => self.postMessage(response));
