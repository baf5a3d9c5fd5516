// How do tests read the feed?
import { expect } from "bun:test";
import type { Told } from "../../src/feed/told.ts";
import type { World } from "../harness.ts";

export interface Page {
  changes: Told[];
  next: number;
}

export const AT = "2026-02-01T10:00:00Z";
/** A sale of a customer of its own, unless `more` names another. */
export const sale = (orderId: string, more: object = {}) => ({
  type: "sale",
  orderId,
  externalId: `of-${orderId}`,
  value: 10,
  timestamp: AT,
  ...more,
});

export async function read(world: World, query = "limit=1000", headers: Record<string, string> = {}): Promise<Page> {
  const { status, body, text } = await world.request<Page>("GET", `/changes?${query}`, undefined, headers);
  expect(`${status} ${text.slice(0, 200)}`).toStartWith("200");
  return body.data;
}

/** Every number of the feed, in order. */
export const seqsOf = ({ workspace: { database } }: World): number[] =>
  database.sqlite.prepare<[], number>("SELECT seq FROM change ORDER BY seq").pluck().all();
