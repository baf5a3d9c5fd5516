// Where are the real payloads of providers, and what does each look like as it was delivered? They belong to others, so they are not in the repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Fields, toFields, toText } from "../../src/provider/json.ts";
import { PROVIDERS, type Provider } from "../../src/provider/provider.ts";

const FOLDER = join(import.meta.dir, "../../../shared/samples/intake");
const PLACES = [FOLDER, join("/work/shared/samples/intake")];

/** One sample, in the envelope of a delivery. */
export interface Sample {
  readonly provider: Provider;
  /** From the provider's folder: `houdini/charge.succeeded.json`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Fields;
}

/** Every sample of the providers; none where the samples are absent. */
export function readSamples(): Sample[] {
  const folder = PLACES.find((place) => existsSync(place));
  if (folder === undefined) return [];
  return PROVIDERS.flatMap((provider) =>
    readdirSync(join(folder, provider), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".json"))
      .sort()
      .map((path) => toSample(provider, path, readFileSync(join(folder, provider, path), "utf8"))),
  );
}

function toSample(provider: Provider, path: string, text: string): Sample {
  const file = toFields(JSON.parse(text));
  const isRecorded = "headers" in file && "body" in file;
  const recorded = toFields(isRecorded ? file.body : file);
  const headers = Object.fromEntries(
    Object.entries(toFields(isRecorded ? file.headers : {})).flatMap(([name, value]) =>
      /^x-shopify-(?!hmac)/.test(name) && typeof value === "string" ? [[name, value]] : [],
    ),
  );
  return { provider, path, ...envelope(provider, basename(path, ".json"), headers, recorded) };
}

/** Some projects kept only what is inside an envelope. */
function envelope(provider: Provider, name: string, headers: Record<string, string>, body: Fields): Pick<Sample, "headers" | "body"> {
  if (provider === "stripe" && !("type" in body)) {
    const data = "object" in body && typeof body.object === "object" ? body : { object: body };
    return { headers, body: { id: `evt_${name}`, object: "event", type: name, created: 1_700_000_000, livemode: true, data } };
  }
  if (provider === "paddle" && !("event_type" in body))
    return { headers, body: { event_id: `evt_${name}`, event_type: name, occurred_at: "2024-10-12T07:20:50.52Z", data: body } };
  if (provider === "lemonsqueezy" && !("meta" in body)) {
    const type = body.type === "orders" ? "order_created" : "subscription_payment_success";
    return { headers, body: { meta: { event_name: type }, data: body } };
  }
  if (provider === "shopify" && headers["x-shopify-topic"] === undefined) {
    const [resource, inner] = Object.entries(body)[0] ?? [];
    const isWrapped = resource !== undefined && ["order", "customer", "refund", "transaction"].includes(resource);
    const topic =
      { order: "orders/paid", customer: "customers/update", refund: "refunds/create" }[resource ?? ""] ??
      { "customers.redact": "customers/redact", "customers.data_request": "customers/data_request", "shop.redact": "shop/redact" }[name] ??
      name;
    const own = { ...toFields(isWrapped ? inner : body) };
    if (typeof own.shop_domain === "string") own.shop_domain = own.shop_domain.replace("{shop}", "my-shop");
    return { headers: { ...headers, "x-shopify-topic": topic, "x-shopify-shop-domain": "my-shop.myshopify.com" }, body: own };
  }
  return { headers, body };
}

/** The name of the event, wherever the provider puts it. */
export const typeOf = ({ headers, body }: Sample): string =>
  headers["x-shopify-topic"] ?? toText(body.type) ?? toText(body.event_type) ?? toText(toFields(body.meta).event_name) ?? "";
