// Which payment providers send webhooks?
export const PROVIDERS = ["stripe", "shopify", "paddle", "lemonsqueezy", "polar"] as const;
export type Provider = (typeof PROVIDERS)[number];
