// Which payment providers send webhooks?
export const PROVIDERS = ["stripe", "shopify", "paddle", "lemonsqueezy", "polar"] as const;
export type Provider = (typeof PROVIDERS)[number];
/** Whose files can be read: those of some providers, and others that send no webhooks. `file` is any table that its owner describes. */
export type FileSource = Provider | "woocommerce" | "dub" | "file";
