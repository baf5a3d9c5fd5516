// How does a test put entries into its world? Through POST /events, and it fails unless every one of them is new and accepted.
import { expect } from "bun:test";
import type { World } from "./harness.ts";

/** Sends entries, single or in lists, as one array. */
export async function record(world: World, ...entries: readonly (object | readonly object[])[]): Promise<void> {
  const sent = entries.flat();
  const { status, body } = await world.request<{ accepted: number }>("POST", "/events", sent);
  expect({ status, accepted: body.data?.accepted, error: body.error }).toEqual({ status: 200, accepted: sent.length, error: undefined });
}
