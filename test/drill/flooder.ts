// Who floods? A page with a publishable key, from many addresses, in a process of its own: `flooder.ts URL KEY SECONDS`. Prints what came of it.

const ADDRESSES = 60;
const AT_ONCE = 8;
const ENTRIES = 100;
const VISITORS = 500;

export interface Flooded {
  readonly accepted: number;
  readonly refused: number;
  /** Refusals that do not say when to come again, and answers that are neither 200 nor 429. */
  readonly wrong: number;
}

if (import.meta.main) {
  const [url = "", key = "", seconds = "10"] = process.argv.slice(2);
  const until = performance.now() + Number(seconds) * 1000;
  const flooded = { accepted: 0, refused: 0, wrong: 0 };
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, caller) => {
      // Half of them share one address, whose limit they soon exceed, and the others have many.
      const shared = caller % 2 === 0 ? "10.9.1.0" : undefined;
      while (performance.now() < until) {
        const number = next++;
        const entries = Array.from({ length: ENTRIES }, (_, index) => {
          const visitorId = `flood-${(number * 7 + index) % VISITORS}`;
          return index % 2 === 0
            ? { type: "click", visitorId, source: `s-${number % 50}`, url: `https://shop.example/${number}/${"x".repeat(200)}` }
            : { type: "lead", visitorId, clickId: `flood-${number % 20}`, event: `e-${index}` };
        });
        const response = await fetch(`${url}/events`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${key}`,
            origin: "https://shop.example",
            "content-type": "application/json",
            "x-forwarded-for": shared ?? `10.9.0.${number % ADDRESSES}`,
          },
          body: JSON.stringify(entries),
        });
        await response.arrayBuffer();
        if (response.status === 200) flooded.accepted += ENTRIES;
        else if (response.status === 429 && response.headers.get("retry-after") !== null) flooded.refused += 1;
        else flooded.wrong += 1;
        if (response.status === 429) await Bun.sleep(5);
      }
    }),
  );
  console.log(JSON.stringify(flooded satisfies Flooded));
}
