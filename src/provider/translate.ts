// Which function translates the deliveries of each provider?
import type { Translate } from "./effect.ts";
import { translateLemonSqueezy } from "./lemonsqueezy.ts";
import { translatePaddle } from "./paddle.ts";
import { translatePolar } from "./polar.ts";
import type { Provider } from "./provider.ts";
import { translateShopify } from "./shopify/translate.ts";
import { translateStripe } from "./stripe/translate.ts";

export const TRANSLATE: Readonly<Record<Provider, Translate>> = {
  stripe: translateStripe,
  shopify: translateShopify,
  paddle: translatePaddle,
  lemonsqueezy: translateLemonSqueezy,
  polar: translatePolar,
};
