// What is being sent, and how much more may be? An endpoint that has failed several times in a row rests, and then is tried with one message at a time.
import type { MessageRow } from "./messages.ts";

/** How many attempts of one endpoint are in progress at most. */
const AT_ONCE = 8;
/** How many outcomes of one endpoint wait to be stored at most. */
const MOST_UNSTORED = 200;
/** After so many failures in a row an endpoint rests, longer with each further one. */
const FAILURES = 8;
const FIRST_REST_MS = 2000;
const LONGEST_REST_MS = 5000;

interface Sending {
  readonly flying: Set<number>;
  readonly unstored: Set<number>; // sent, but the database does not know it yet
  failures: number; // in a row
  restsUntil: number;
}

/** By the numbers of endpoints and the ids of messages. `now` is the clock, in milliseconds. */
export function openSendings(now: () => number) {
  const byEndpoint = new Map<number, Sending>();
  function of(endpoint: number): Sending {
    let sending = byEndpoint.get(endpoint);
    if (sending === undefined) {
      sending = { flying: new Set(), unstored: new Set(), failures: 0, restsUntil: 0 };
      byEndpoint.set(endpoint, sending);
    }
    return sending;
  }
  return {
    begin: ({ id, endpoint }: MessageRow): void => void of(endpoint).flying.add(id),
    /** An attempt has ended; its outcome is to be stored. */
    end({ id, endpoint }: MessageRow, isDelivered: boolean): void {
      const sending = of(endpoint);
      sending.flying.delete(id);
      sending.unstored.add(id);
      sending.failures = isDelivered ? 0 : sending.failures + 1;
      const beyond = sending.failures - FAILURES;
      sending.restsUntil = beyond < 0 ? 0 : now() + Math.min(FIRST_REST_MS * 2 ** Math.min(beyond, 10), LONGEST_REST_MS);
    },
    /** The database knows its outcome. */
    stored({ id, endpoint }: MessageRow): void {
      of(endpoint).flying.delete(id);
      of(endpoint).unstored.delete(id);
    },
    /** How many more attempts of an endpoint may begin now. */
    room(endpoint: number): number {
      const { flying, unstored, failures, restsUntil } = of(endpoint);
      if (now() < restsUntil || unstored.size >= MOST_UNSTORED) return 0;
      return (failures >= FAILURES ? 1 : AT_ONCE) - flying.size;
    },
    /** How many messages of an endpoint are being sent, or were and are not stored. */
    inHand: (endpoint: number): number => of(endpoint).flying.size + of(endpoint).unstored.size,
    isInHand: (id: number): boolean => [...byEndpoint.values()].some(({ flying, unstored }) => flying.has(id) || unstored.has(id)),
  };
}
