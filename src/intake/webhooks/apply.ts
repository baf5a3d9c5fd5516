// How do the effects of a delivery get into the database? Within one write, and what is refused is a result, never an error.
import { type entry, REFUND, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { openProfileUpdates } from "../../customer/update-profile.ts";
import type { Effect, ProviderEntry, RefundedTotal, SaidProfile, SaidStatus } from "../../provider/effect.ts";
import type { Provider } from "../../provider/provider.ts";
import { ApiError } from "../../value/error.ts";
import { toIso } from "../../value/instant.ts";
import { decimalsOf, requireDecimals, toDecimalText, toMinor } from "../../value/money.ts";
import type { Draft } from "../draft.ts";
import { keyOf } from "../key.ts";
import { openRecorder } from "../record.ts";
import { openStatuses } from "../status.ts";
import type { Effected } from "./outcome.ts";
import type { Privacy } from "./privacy.ts";
import { openRefundedTotals } from "./refunded-total.ts";
import { toDraft } from "./tidy.ts";

export const NOBODY = "it names nobody";
const IGNORED = (reason: string): Effected => ({ result: "ignored", reason });
/** A statement that brings nothing new, or something: which of both shows in no answer. */
const SAID = (isNew: boolean): Effected => ({ result: isNew ? "recorded" : "duplicate" });

type Money = Pick<typeof entry.$inferSelect, "currency"> & { value: string | null };

const toMoney = (value: string, currency: string): string => `${toDecimalText(BigInt(value), requireDecimals(currency))} ${currency}`;

/** Opens the function that carries out one effect of a provider's delivery, within a write. */
export function openEffects(context: Context, privacy: Privacy) {
  const { database } = context;
  const { sqlite } = database;
  const recorder = openRecorder(context);
  const statuses = openStatuses(context);
  const profiles = openProfileUpdates(context);
  const findRefunds = openRefundedTotals(context);
  const findMoney = sqlite.prepare<[type: number, key: string], Money>(
    "SELECT cast(value AS TEXT) AS value, currency FROM entry WHERE type = ? AND key = ?",
  );
  const lastProfileUpdate = sqlite.prepare<[], number | null>("SELECT max(id) FROM profile_update").pluck();
  const addUnnamed = sqlite.prepare("INSERT OR IGNORE INTO webhook_unnamed_sale (source, order_id, currency, value) VALUES (?, ?, ?, ?)");
  const addWaiting = sqlite.prepare("INSERT OR IGNORE INTO webhook_waiting_refund (entry_id, source) VALUES (?, ?)");
  const forgetArrived = sqlite.prepare(
    `DELETE FROM webhook_waiting_refund WHERE EXISTS (SELECT 1 FROM entry AS refund JOIN entry AS sale ON sale.type = ${SALE} AND sale.key = refund.sale_key WHERE refund.id = entry_id)`,
  );

  /** A sale of nobody, such as one at a till, is in no figure. It is summed, once however often it is delivered. */
  function addSaleOfNobody(source: Provider, { orderId, value, currency }: ProviderEntry): void {
    const decimals = currency === undefined ? undefined : decimalsOf(currency);
    const minor = decimals === undefined || value === undefined ? undefined : toMinor(value, decimals);
    if (orderId !== undefined && minor !== undefined) addUnnamed.run(source, orderId, currency, minor);
  }

  /** Both values of a conflict, if these differ: an order can be edited after it was paid. */
  function conflictOf(draft: Draft): string | undefined {
    const { type, value, currency } = draft;
    const first = findMoney.get(type, keyOf(draft, database.secret, false));
    if (value === null || currency === null || !first?.value || first.currency === null) return undefined;
    const [kept, told] = [toMoney(first.value, first.currency), toMoney(String(value), currency)];
    return kept === told ? undefined : `${kept} stays, ${told} was told later`;
  }

  function record(source: Provider, told: ProviderEntry): Effected {
    const tidied = toDraft(told, context);
    if (tidied === undefined) {
      if (told.type === "sale") addSaleOfNobody(source, told);
      return IGNORED(NOBODY);
    }
    if ("details" in tidied) return { result: "refused", reason: `${tidied.details.map(({ path }) => path).join(", ")} cannot be stored` };
    const { draft, fields } = tidied;
    try {
      const { id, duplicate, isPending } = recorder.record(draft, { isMeasured: false });
      if (draft.type === REFUND && isPending && !duplicate) {
        forgetArrived.run();
        addWaiting.run(id, source);
      }
      return { result: duplicate ? "duplicate" : "recorded", entryId: id, fields };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "CONFLICT")
        return { result: "conflict", reason: "it was told before with other content, which stays", detail: conflictOf(draft) };
      return { result: "refused", reason: `${(error.details ?? []).map(({ path }) => path).join(", ")} does not fit its sale` };
    }
  }

  function sayStatus({ type, key, status, at }: SaidStatus): Effected {
    return SAID(statuses.say({ type: type === "sale" ? SALE : REFUND, key }, status, at));
  }

  /** What a provider says of one of its customers. It is tidied like an entry, whose fields it has. */
  function sayProfile({ at, alias, ...said }: SaidProfile): Effected {
    const tidied = toDraft({ ...said, type: "custom", event: "profile", timestamp: toIso(at), aliases: [alias] }, context);
    if (tidied === undefined || "details" in tidied) return { result: "refused", reason: "the profile cannot be stored" };
    const { externalId, email, name, country, clickId } = tidied.draft;
    const told = Object.fromEntries(
      Object.entries({ externalId, email, name, country, clickId }).filter(([, value]) => value !== null),
    ) as Partial<Record<"externalId" | "email" | "name" | "country" | "clickId", string>>;
    if (Object.keys(told).length === 0) return { ...SAID(false), fields: tidied.fields };
    const before = lastProfileUpdate.get();
    profiles.say({ ...told, aliases: [alias.normalize("NFC")] }, at);
    return { ...SAID(lastProfileUpdate.get() !== before), fields: tidied.fields };
  }

  function recordRefunded(source: Provider, refunded: RefundedTotal): Effected[] {
    const found = findRefunds(refunded);
    if (!found) return [{ result: "refused", reason: "value, currency cannot be stored" }];
    const recorded = found.added.map((refund) => record(source, refund));
    for (const { key, at } of found.split) statuses.say({ type: REFUND, key }, "rejected", at);
    return recorded.length > 0 ? recorded : [SAID(false)];
  }

  return (source: Provider, effect: Effect): Effected[] => {
    switch (effect.kind) {
      case "entry":
        return [record(source, effect.entry)];
      case "status":
        return [sayStatus(effect.status)];
      case "profile":
        return [sayProfile(effect.profile)];
      case "refunded total":
        return recordRefunded(source, effect.refunded);
      case "erase":
        return [privacy.erase(effect.person)];
      case "erase all":
        return [privacy.eraseAll(effect.aliasPrefix)];
      case "data request":
        return [privacy.addDataRequest(source, effect.person)];
    }
  };
}
