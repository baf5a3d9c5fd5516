// In which scenario does a route whose callers sign their requests answer a status?
import type { Endpoint } from "../../src/http/endpoint.ts";
import { PROVIDERS } from "../../src/provider/provider.ts";
import { NOW } from "../harness.ts";
import { EVERY_PROVIDER, SECRETS } from "../intake/webhooks/story.ts";
import { sign } from "../provider/sign.ts";
import type { Scenario } from "./scenario.ts";

const MAX_BYTES = 5 * 1024 * 1024;

/** Undefined: nobody thought of one. */
export function signedScenarioOf({ method, path }: Endpoint, status: number): Scenario | undefined {
  const provider = PROVIDERS.find((each) => path.endsWith(each));
  if (!provider) return undefined;
  const signed = (body: string) => ({ body, headers: sign(provider, body, SECRETS[provider], NOW) });
  const base: Scenario = { method, path, status, key: "nobody", world: { config: EVERY_PROVIDER }, ...signed("{}") };
  switch (status) {
    case 200:
      return { ...base, contains: ['"received":true', '"result":"ignored"'] };
    case 400:
      return { ...base, ...signed("no json"), contains: ["VALIDATION_ERROR"], lacks: ["no json"] };
    case 401:
      return { ...base, headers: sign(provider, "{}", "another secret", NOW), contains: ["UNAUTHORIZED"] };
    case 404:
      return { ...base, world: {}, contains: ["NOT_FOUND"] };
    case 413:
      return { ...base, headers: { "content-length": String(MAX_BYTES + 1) }, contains: ["PAYLOAD_TOO_LARGE"] };
    case 429:
      return {
        ...base,
        world: { config: { ...EVERY_PROVIDER, addressRateLimit: 1 } },
        before: (world) => world.request("GET", "/customers/count"),
        answers: { "retry-after": /^\d+$/ },
      };
    case 500:
      return { ...base, before: ({ workspace }) => workspace.database.sqlite.close(), contains: ["INTERNAL_ERROR"] };
    case 503:
      return { ...base, before: ({ app }) => app.close(), answers: { "retry-after": /^\d+$/ } };
    default:
      return undefined;
  }
}
