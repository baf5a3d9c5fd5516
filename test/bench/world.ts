// What data is measured? A seeded log of two years, always the same, in the order in which it would have arrived.
import type { Size } from "./size.ts";

export const STARTS_AT = Date.UTC(2023, 0, 1);
export const ENDS_AT = Date.UTC(2025, 0, 1);
/** The last of the 24 months. */
export const LAST_MONTH = "2024-12";
const SECONDS = (ENDS_AT - STARTS_AT) / 1000;
const THIRTY_DAYS = 30 * 24 * 3600;
/** More than the entries of the largest world. */
const PLACES = 2 ** 24;

/** Besides the crowd: two customers with a known number of entries. */
export const NAMED = [
  { externalId: "with_20", entries: 20 },
  { externalId: "with_10000", entries: 10_000 },
] as const;

export const CLICK = 0;
export const LEAD = 1;
export const SALE = 2;
export const CUSTOM = 3;
export const REFUND = 4;

const SOURCES = [
  "google",
  "facebook",
  "instagram",
  "tiktok",
  "youtube",
  "linkedin",
  "bing",
  "reddit",
  "newsletter",
  "podcast",
  "partner",
  "pinterest",
];
const CAMPAIGNS = 200;
const FIRST_NAMES = [
  "Ann",
  "Bo",
  "Carla",
  "Deniz",
  "Emil",
  "Fatou",
  "Greta",
  "Hiro",
  "Ines",
  "Jonas",
  "Keiko",
  "Liam",
  "Mara",
  "Noor",
  "Olga",
  "Pablo",
];
const LAST_STARTS = [
  "Ander",
  "Berg",
  "Castel",
  "Dom",
  "Eker",
  "Fair",
  "Gold",
  "Hart",
  "Iver",
  "Jans",
  "Kova",
  "Lind",
  "Mont",
  "Nor",
  "Oster",
  "Pet",
];
const LAST_ENDS = [
  "berg",
  "dahl",
  "er",
  "feld",
  "gren",
  "holm",
  "ic",
  "land",
  "man",
  "ov",
  "quist",
  "sen",
  "stein",
  "strom",
  "ton",
  "wood",
];
const COUNTRIES = ["DE", "US", "FR", "GB", "JP", "BR", "IN", "SE"];

/** 32 random bits of a number. `salt` distinguishes uses (the finaliser of MurmurHash3). */
export function random(index: number, salt: number): number {
  let bits = (Math.imul(index ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
export const share = (index: number, salt: number): number => random(index, salt) / 2 ** 32;
const pick = <T>(list: readonly T[], number: number): T => list[number % list.length] as T;

/** One entry, independent of the form in which it is sent. Money in cents. */
export interface Fact {
  index: number;
  customer: number;
  type: number;
  at: number;
  source: string | null;
  campaign: string | null;
  cents: number | null;
  /** On a sale: whether it is approved; on a refund: whether its sale is. */
  approved: boolean;
  /** On a refund: the entry of its sale, and the value of that. */
  saleIndex: number | null;
  saleCents: number | null;
  /** On a sale: it is refunded completely. */
  wholeRefund: boolean;
}

export interface World {
  readonly size: Size;
  /** The crowd and the named. */
  readonly customers: number;
  readonly entries: number;
  /** Every entry, in the order of time. */
  facts(): Generator<Fact>;
}

/** Draws who did something and when. What they did follows from the number of the entry. */
export function openWorld(size: Size): World {
  const customers = size.customers + NAMED.length;
  const crowd = size.entries;
  const entries = crowd + NAMED.reduce((sum, each) => sum + each.entries, 0);
  const owners = new Uint32Array(entries);
  const seconds = new Uint32Array(entries);
  const firstSecond = (customer: number) => Math.floor(share(customer, 1) * (SECONDS - 2));
  const isRefund = (index: number) => index >= customers && index < entries && index % 2 === 1 && random(index, 2) % 10 === 0;

  let named = 0;
  let left = 0;
  for (let index = 0; index < entries; index++) {
    let owner: number;
    if (index < size.customers) owner = index;
    else if (index < customers) owner = index;
    else if (index < crowd + customers - size.customers) owner = Math.floor(size.customers * share(index, 3) ** 2);
    else {
      while (left === 0) left = (NAMED[named++]?.entries ?? 1) - 1;
      owner = size.customers + named - 1;
      left--;
    }
    const first = firstSecond(owner);
    if (index < customers) seconds[index] = first;
    else if (isRefund(index)) {
      owner = owners[index - 1] as number;
      const sold = seconds[index - 1] as number;
      seconds[index] = sold + 1 + (random(index, 4) % Math.min(THIRTY_DAYS, SECONDS - 1 - sold));
    } else seconds[index] = first + 1 + Math.floor((SECONDS - 2 - first) * share(index, 4) ** 2);
    owners[index] = owner;
  }

  function typeOf(index: number): number {
    if (isRefund(index)) return REFUND;
    if (isRefund(index + 1)) return SALE;
    const of100 = random(index, 5) % 100;
    if (index < customers) return of100 < 85 ? CLICK : of100 < 95 ? LEAD : SALE;
    return of100 < 50 ? CLICK : of100 < 58 ? LEAD : of100 < 92 ? SALE : CUSTOM;
  }

  const centsOf = (index: number) => 500 + (random(index, 6) % 30_000);

  function factOf(index: number, at: number): Fact {
    const type = typeOf(index);
    const sale = type === REFUND ? index - 1 : null;
    const isWhole = (refund: number) => random(refund, 7) % 2 === 0;
    return {
      index,
      customer: owners[index] as number,
      type,
      at,
      source: type === CLICK ? pick(SOURCES, Math.floor(12 * share(index, 9) ** 1.5)) : null,
      campaign: type === CLICK ? `campaign_${Math.floor(CAMPAIGNS * share(index, 10) ** 1.5)}` : null,
      cents: type === SALE ? centsOf(index) : sale !== null && !isWhole(index) ? Math.ceil(centsOf(sale) / 2) : null,
      approved: (type !== SALE && sale === null) || random(sale ?? index, 11) % 100 >= 3,
      saleIndex: sale,
      saleCents: sale === null ? null : centsOf(sale),
      wholeRefund: isRefund(index + 1) && isWhole(index + 1),
    };
  }

  return {
    size,
    customers,
    entries,
    *facts() {
      const order = new Float64Array(entries);
      for (let index = 0; index < entries; index++) order[index] = (seconds[index] as number) * PLACES + index;
      order.sort();
      let last = -1;
      let within = 0; // milliseconds, so that those of one second come one after another too
      for (const place of order) {
        const second = Math.floor(place / PLACES);
        within = second === last ? within + 1 : 0;
        last = second;
        yield factOf(place % PLACES, STARTS_AT + second * 1000 + within);
      }
    },
  };
}

/** The externalId of a customer of a world with this many in its crowd. */
export const externalIdOf = (customer: number, crowd: number): string => NAMED[customer - crowd]?.externalId ?? `user_${customer}`;
export const nameOf = (customer: number): string =>
  `${pick(FIRST_NAMES, random(customer, 20))} ${pick(LAST_STARTS, random(customer, 21))}${pick(LAST_ENDS, random(customer, 22))}`;
export const emailOf = (customer: number, crowd: number): string => `${externalIdOf(customer, crowd)}@example.com`;

/** The entry in the shape of `POST /events`. */
export function toWire(fact: Fact, crowd: number): Record<string, unknown> {
  const { index, customer, type, at, cents } = fact;
  const externalId = externalIdOf(customer, crowd);
  if (type === CLICK) {
    const { source, campaign } = fact;
    const [link, url] = [`https://go.example.com/${campaign}`, `https://shop.example.com/product/${random(index, 12) % 5000}`];
    return { type: "click", clickId: `c${index}`, timestamp: at, externalId, source, campaign, medium: "cpc", link, url };
  }
  if (type === LEAD) {
    const profile = { email: emailOf(customer, crowd), name: nameOf(customer), country: pick(COUNTRIES, random(customer, 23)) };
    return { type: "lead", eventId: `l${index}`, timestamp: at, externalId, event: "signup", ...profile };
  }
  if (type === CUSTOM) return { type: "custom", eventId: `m${index}`, timestamp: at, externalId, event: "trial_started" };
  const value = cents === null ? {} : { value: cents / 100 };
  if (type === REFUND) return { type: "refund", eventId: `r${index}`, timestamp: at, orderId: `o${fact.saleIndex}`, ...value };
  return {
    type: "sale",
    orderId: `o${index}`,
    timestamp: at,
    externalId,
    currency: "USD",
    ...value,
    ...(!fact.approved && { status: "pending" }),
  };
}
