// What happens to a delivery whose signature is valid? It is translated, and all its effects are stored in one write with its outcome.
import type { Context } from "../../context.ts";
import type { Meaning, Translation } from "../../provider/effect.ts";
import { parseBody } from "../../provider/json.ts";
import { TEST_MODE } from "../../provider/meaning.ts";
import type { Provider } from "../../provider/provider.ts";
import { TRANSLATE } from "../../provider/translate.ts";
import { invalid } from "../../value/error.ts";
import { openEffects } from "../effect/apply.ts";
import { type Outcome, toOutcome } from "../effect/outcome.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Privacy } from "./privacy.ts";

const KNOWN_EVENT: Outcome = { result: "duplicate", reason: "", detail: null, entryIds: [], fields: [], unnamed: undefined };

/** Opens the function that takes a provider's deliveries in. It rejects with VALIDATION_ERROR for a body that is no JSON object. */
export function openDeliveries(context: Context, log: DeliveryLog, privacy: Privacy) {
  const { config, ledger } = context;
  const apply = openEffects(context);

  function carryOut(source: Provider, delivered: Translation): Outcome {
    const { isTest, meaning } = delivered;
    const told: Meaning = isTest && !config.webhookTestMode ? TEST_MODE : meaning;
    if ("ignored" in told) return toOutcome([{ result: "ignored", reason: told.ignored }]);
    // A profile that was erased since must not come back with an event that is delivered again. Entries are recognized by their keys.
    if (log.hasRecorded(source, delivered)) return KNOWN_EVENT;
    return toOutcome(told.flatMap((effect) => apply(effect, { source, privacy })));
  }

  return async (source: Provider, headers: Pick<Headers, "get">, bytes: Uint8Array): Promise<Outcome> => {
    const body = parseBody(bytes);
    if (body === undefined) throw invalid([{ path: "", message: "must be a JSON object in UTF-8" }]);
    const translation = TRANSLATE[source]({ headers, body }, config.providerIdKeys);
    const outcome = await ledger.groupCommit(() => {
      const found = carryOut(source, translation);
      log.add(source, translation, found);
      return found;
    });
    if (outcome.result === "recorded") privacy.eraseDue();
    return outcome;
  };
}
