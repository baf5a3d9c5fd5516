// Which people can be searched in files? Those with a mark in every personal field and in everything that is sent about them.
// Every entry has its own source, because a source found in a referrer is not personal and stays.
import type { Victim } from "./victim.ts";

/** The mark of person `index`, in upper and lower case, so that folded text is found too. */
export const markOfPerson = (index: number): string => `Zq7Pii${String(index).padStart(3, "0")}Kx7qZ`;

/** The last name of the person. Before, their name was only the mark. */
export const nameOfPerson = (index: number): string => `${markOfPerson(index)}-now`;

const at = (index: number, day: number) => new Date(Date.UTC(2026, index % 5, day, 9, index)).toISOString();

/** Sends everything about a person, in every way there is: upsert, change, entries of each type, conversions, refused input, searches. */
export async function tellAll(victim: Victim, index: number): Promise<void> {
  const mark = markOfPerson(index);
  const send = async (method: string, path: string, body?: unknown) => {
    const { status, text } = await victim.ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${text}`);
  };
  const metadata = { [mark]: mark, deep: { list: [mark, `${mark}@${mark}`] }, long: `${mark} `.repeat(700) };
  const pages = {
    url: `https://shop.example.com/${mark}?utm_source=google&user=${mark}`,
    referrer: `https://www.${mark.toLowerCase()}.example.com/${mark}`,
  };
  const key = (what: string) => `${what}-${index}`;
  await send("POST", "/customers", {
    externalId: mark,
    email: `${mark}@example.com`,
    name: `${mark} Ünal`,
    avatar: `https://example.com/${mark}.png`,
    country: "DE",
    metadata,
    visitorId: `${mark}-browser`,
    createdAt: at(index, 1),
    aliases: [`crm:${mark}`],
  });
  await send("POST", "/events", {
    type: "click",
    clickId: key("c"),
    timestamp: at(index, 2),
    visitorId: `${mark}-browser`,
    ...pages,
    metadata,
  });
  await send("POST", "/events", [
    {
      type: "click",
      clickId: key("named"),
      timestamp: at(index, 3),
      externalId: mark,
      email: `${mark}@work.example.com`,
      name: mark,
      ...pages,
    },
    {
      type: "lead",
      eventId: key("l"),
      timestamp: at(index, 4),
      email: `${mark}@example.com`,
      name: `${mark} by email`,
      metadata: { [mark]: 1 },
    },
    { type: "sale", orderId: key("o"), timestamp: at(index, 5), externalId: mark, value: 100 + index + 0.37, ...pages, metadata },
    {
      type: "sale",
      orderId: key("o2"),
      timestamp: at(index, 6),
      clickId: key("c"),
      value: 20.5,
      source: "partner",
      referrer: pages.referrer,
    },
    {
      type: "refund",
      eventId: key("r"),
      orderId: key("o"),
      timestamp: at(index, 7),
      externalId: mark,
      aliases: [`stripe:${mark}`],
      value: 10.01,
      metadata,
    },
    { type: "sale", orderId: key("o3"), timestamp: at(index, 9), aliases: [`stripe:${mark}`, `paddle:${mark}`], value: 3 },
    {
      type: "lead",
      eventId: key("a"),
      timestamp: at(index, 10),
      email: `alias-${mark}@example.com`,
      aliases: [`crm:${mark}`, `stripe:${mark}`],
    },
    // It waits for a sale that never comes.
    { type: "refund", eventId: key("w"), orderId: key("none"), timestamp: at(index, 11), aliases: [`crm:${mark}`], value: 1 },
    {
      type: "custom",
      event: "visit",
      eventId: key("x"),
      timestamp: at(index, 8),
      visitorId: `${mark}-browser`,
      clickId: key("c"),
      url: pages.url,
    },
  ]);
  await send("POST", "/conversions/track", {
    clickId: key("c"),
    event: "signup",
    externalId: mark,
    email: `${mark}@example.com`,
    name: mark,
    metadata,
  });
  await send("PATCH", `/customers/ext_${mark}`, {
    externalId: nameOfPerson(index),
    email: `new-${mark}@example.com`,
    name: `${mark} again`,
    aliases: [`shop:${mark}`],
  });
  await send("GET", `/customers/als_${encodeURIComponent(`stripe:${mark}`)}`);
  await send("GET", `/customers?alias=${encodeURIComponent(`shop:${mark}`)}`);
  const id = `ext_${nameOfPerson(index)}`;
  for (const path of ["", "/journey", "/attribution"]) await send("GET", `/customers/${id}${path}`);
  await send("GET", `/customers?search=${mark}`);
  // These are refused, and nothing of them may be stored or logged.
  await victim.ask("POST", "/events", { type: "sale", externalId: mark, email: `no address ${mark}`, value: mark, [mark]: mark });
  await victim.ask("GET", `/customers/ext_${mark}-nobody/journey?cursor=${mark}`);
}
