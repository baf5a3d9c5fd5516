// How does a test record entries in its world? Through POST /events. It fails unless every entry is new and accepted.
import { expect } from "bun:test";
import type { World } from "./harness.ts";

/** Sends entries, single or in lists, as one array. */
export async function record(world: World, ...entries: readonly (object | readonly object[])[]): Promise<void> {
  const sent = entries.flat();
  const { status, body } = await world.request<{ accepted: number }>("POST", "/events", sent);
  expect({ status, accepted: body.data?.accepted, error: body.error }).toEqual({ status: 200, accepted: sent.length, error: undefined });
}
