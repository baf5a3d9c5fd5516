// What does the demo's shop sell, who are its customers, and through which channels do they come?

/** A channel. `weight`: its share of visitors; `buys`: the share of sign-ups who buy; `returns`: the probability of another order. */
export interface Channel {
  weight: number;
  source?: string;
  medium?: string;
  campaigns: readonly string[];
  referrer?: string;
  link?: string;
  buys: number;
  returns: number;
}

export const CHANNELS: readonly Channel[] = [
  {
    weight: 24,
    source: "google",
    medium: "cpc",
    campaigns: ["brand", "spring-collection", "competitors"],
    link: "https://go.example.com/g",
    buys: 0.34,
    returns: 0.42,
  },
  { weight: 18, referrer: "https://www.google.com/search", campaigns: [], buys: 0.41, returns: 0.5 },
  {
    weight: 14,
    source: "facebook",
    medium: "paid_social",
    campaigns: ["lookalike", "retargeting"],
    link: "https://go.example.com/fb",
    buys: 0.22,
    returns: 0.3,
  },
  {
    weight: 12,
    source: "newsletter",
    medium: "email",
    campaigns: ["weekly", "black-friday", "welcome"],
    link: "https://go.example.com/mail",
    buys: 0.52,
    returns: 0.62,
  },
  {
    weight: 10,
    source: "instagram",
    medium: "influencer",
    campaigns: ["ana-loves-tea", "studio-tour"],
    link: "https://go.example.com/ig",
    buys: 0.26,
    returns: 0.35,
  },
  { weight: 8, referrer: "https://www.teablog.example/best-green-teas", campaigns: [], buys: 0.47, returns: 0.55 },
  {
    weight: 4,
    source: "tiktok",
    medium: "paid_social",
    campaigns: ["unboxing"],
    link: "https://go.example.com/tt",
    buys: 0.14,
    returns: 0.2,
  },
  { weight: 10, campaigns: [], buys: 0.44, returns: 0.58 },
];

/** Countries and currencies of customers. `usd`: about how many US dollars one unit is worth. */
export const MARKETS = [
  { weight: 46, country: "US", currency: "USD", usd: 1, decimals: 2 },
  { weight: 16, country: "DE", currency: "EUR", usd: 1.09, decimals: 2 },
  { weight: 10, country: "FR", currency: "EUR", usd: 1.09, decimals: 2 },
  { weight: 16, country: "GB", currency: "GBP", usd: 1.27, decimals: 2 },
  { weight: 7, country: "JP", currency: "JPY", usd: 0.0067, decimals: 0 },
  { weight: 5, country: "CA", currency: "USD", usd: 1, decimals: 2 },
] as const;
export type Market = (typeof MARKETS)[number];

/** Prices in US dollars. */
export const PRODUCTS = [
  { weight: 30, name: "sencha-100g", price: 14 },
  { weight: 22, name: "tea-sampler", price: 24 },
  { weight: 18, name: "matcha-set", price: 49 },
  { weight: 16, name: "oolong-250g", price: 32 },
  { weight: 10, name: "kyusu-teapot", price: 79 },
  { weight: 4, name: "year-of-tea", price: 189 },
] as const;

export const FIRST_NAMES = [
  "Ada",
  "Ben",
  "Chloé",
  "David",
  "Elif",
  "Felix",
  "Grace",
  "Hana",
  "Ivan",
  "Jonas",
  "Kenji",
  "Lea",
  "Mia",
  "Noah",
  "Olivia",
  "Paul",
  "Rosa",
  "Sam",
  "Tom",
  "Yuki",
] as const;
export const LAST_NAMES = [
  "Adams",
  "Becker",
  "Carter",
  "Dubois",
  "Evans",
  "Fischer",
  "Garcia",
  "Hughes",
  "Ito",
  "Jensen",
  "Klein",
  "Lopez",
  "Moreau",
  "Novak",
  "Sato",
  "Turner",
  "Weber",
  "Young",
] as const;
