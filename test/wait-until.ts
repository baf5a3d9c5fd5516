// How does a test wait for another process, thread or timer that sends it no event? It polls with a short yield, and fails at a deadline.

const YIELD_MS = 2;

/**
 * Waits until `read` gives something other than false or undefined, and returns that.
 * After `deadlineMs` it throws, with `what` it waited for and what `seen` gives.
 */
export async function waitUntil<T>(
  what: string,
  read: () => T | false | undefined | Promise<T | false | undefined>,
  { deadlineMs = 10_000, seen = () => undefined as unknown } = {},
): Promise<T> {
  for (const deadline = performance.now() + deadlineMs; ; ) {
    const value = await read();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > deadline)
      throw new Error(`Waited ${deadlineMs} ms in vain until ${what}; last seen: ${JSON.stringify(seen())}`);
    await Bun.sleep(YIELD_MS);
  }
}
