// Asks a server for /healthz all the time, from a process that does nothing else: URL. Prints how long it waited, in milliseconds, whenever that is
// longer than before.
export const EVERY_MS = 5;

async function wait(): Promise<number> {
  const startedAt = performance.now();
  await (await fetch(`${process.argv[2]}/healthz`)).text();
  return performance.now() - startedAt;
}

await wait(); // opens the connection
for (let longest = -1; ; await Bun.sleep(EVERY_MS)) {
  const waited = await wait();
  if (waited > longest) console.log(waited.toFixed(1));
  longest = Math.max(longest, waited);
}
