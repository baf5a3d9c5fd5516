// How do the effects of a delivery, or of a row of a file, get into the database? Within one write, and what is refused is a result, never an error.
import { type entry, REFUND, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { openProfileUpdates } from "../../customer/update-profile.ts";
import type { Effect, ProviderEntry, SaidProfile, SaidStatus } from "../../provider/effect.ts";
import type { Provider } from "../../provider/provider.ts";
import { ApiError } from "../../value/error.ts";
import { toIso } from "../../value/instant.ts";
import { decimalsOf, requireDecimals, toDecimalText, toMinor } from "../../value/money.ts";
import type { Draft } from "../draft.ts";
import { keyOf } from "../key.ts";
import { openRecorder } from "../record.ts";
import { openStatuses } from "../status.ts";
import type { Privacy } from "../webhooks/privacy.ts";
import type { Effected, UnnamedSale } from "./outcome.ts";
import { openRefundDates } from "./refund-date.ts";
import { toDraft } from "./tidy.ts";

export const NOBODY = "it names nobody";
const IGNORED = (reason: string): Effected => ({ result: "ignored", reason });
/** A statement that brings nothing new, or something: which of both shows in no answer. */
const SAID = (isNew: boolean): Effected => ({ result: isNew ? "recorded" : "duplicate" });

type First = Pick<typeof entry.$inferSelect, "id" | "at" | "currency" | "sentStatus"> & { value: string | null };

/** What makes two entries of one key different money. All else may differ, since a file does not know what a webhook knows. */
export const MONEY: ReadonlySet<string> = new Set(["value", "currency", "orderId"]);

const toMoney = (value: string, currency: string): string => `${toDecimalText(BigInt(value), requireDecimals(currency))} ${currency}`;

/** What the effects of a delivery need besides, which no file has. */
export interface OfDelivery {
  readonly source: Provider;
  readonly privacy: Privacy;
}

/** Opens the function that carries out one effect within a write: of a provider's delivery, or without `of` of a row of a file. */
export function openEffects(context: Context) {
  const { database } = context;
  const { sqlite } = database;
  const recorder = openRecorder(context);
  const statuses = openStatuses(context);
  const profiles = openProfileUpdates(context);
  const isKnownRefund = openRefundDates(context);
  const findFirst = sqlite.prepare<[type: number, key: string], First>(
    "SELECT id, at, cast(value AS TEXT) AS value, currency, sent_status AS sentStatus FROM entry WHERE type = ? AND key = ?",
  );
  const lastProfileUpdate = sqlite.prepare<[], number | null>("SELECT max(id) FROM profile_update").pluck();
  const addUnnamed = sqlite.prepare(
    "INSERT OR IGNORE INTO webhook_unnamed_sale (source, order_id, currency, value) VALUES (:source, :orderId, :currency, :value)",
  );
  const addWaiting = sqlite.prepare("INSERT OR IGNORE INTO webhook_waiting_refund (entry_id, source) VALUES (?, ?)");
  const forgetArrived = sqlite.prepare(
    `DELETE FROM webhook_waiting_refund WHERE EXISTS (SELECT 1 FROM entry AS refund JOIN entry AS sale ON sale.type = ${SALE} AND sale.key = refund.sale_key WHERE refund.id = entry_id)`,
  );

  /** A sale of nobody, such as one at a till, is in no figure. Undefined: it is none, or its money cannot be read. */
  function unnamedOf({ type, orderId, value, currency }: ProviderEntry): UnnamedSale | undefined {
    const decimals = currency === undefined ? undefined : decimalsOf(currency);
    const minor = decimals === undefined || value === undefined ? undefined : toMinor(value, decimals);
    if (type !== "sale" || orderId === undefined || currency === undefined || minor === undefined) return undefined;
    return { orderId, currency, value: minor };
  }

  /** Both values of a conflict, if these differ: an order can be edited after it was paid. */
  function conflictOf({ value, currency }: Draft, first: First | undefined): string | undefined {
    if (value === null || currency === null || !first?.value || first.currency === null) return undefined;
    const [kept, told] = [toMoney(first.value, first.currency), toMoney(String(value), currency)];
    return kept === told ? undefined : `${kept} stays, ${told} was told later`;
  }

  const firstOf = (draft: Draft) => findFirst.get(draft.type, keyOf(draft, database.secret, false));

  /** A sale that a file told as pending is approved once something tells it as paid, whichever came first. */
  function approvePending(told: ProviderEntry, draft: Draft): boolean {
    if (draft.type !== SALE || told.status !== undefined) return false;
    const first = firstOf(draft);
    if (first?.sentStatus !== "pending") return false;
    return statuses.say({ type: SALE, key: keyOf(draft, database.secret, false) }, "approved", first.at);
  }

  function record(source: Provider | undefined, told: ProviderEntry): Effected {
    const tidied = toDraft(told, context);
    if (tidied === undefined) {
      const unnamed = unnamedOf(told);
      // It is summed, once however often it is delivered.
      if (unnamed && source) addUnnamed.run({ source, ...unnamed });
      return { ...IGNORED(NOBODY), unnamed };
    }
    if ("details" in tidied) return { result: "refused", reason: `${tidied.details.map(({ path }) => path).join(", ")} cannot be stored` };
    const { draft, fields } = tidied;
    try {
      const { id, duplicate, isPending } = recorder.record(draft, { isMeasured: false });
      if (draft.type === REFUND && isPending && !duplicate && source) {
        forgetArrived.run();
        addWaiting.run(id, source);
      }
      const isNew = !duplicate || approvePending(told, draft);
      return { result: isNew ? "recorded" : "duplicate", entryId: id, fields };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "CONFLICT") {
        const first = firstOf(draft);
        if (first) context.ledger.ways.repeated("entry", first.id); // nobody sends it again, so the first must not go with its import
        if (first && !(error.details ?? []).some(({ path }) => MONEY.has(path)))
          return { result: approvePending(told, draft) ? "recorded" : "duplicate", entryId: first.id, fields };
        return { result: "conflict", reason: "it was told before with other money, which stays", detail: conflictOf(draft, first) };
      }
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

  function recordDate(source: Provider | undefined, refund: ProviderEntry): Effected {
    if (isKnownRefund(refund, Date.parse(refund.timestamp))) return record(source, refund);
    return IGNORED("no total of refunds is known that it could be a part of");
  }

  return (effect: Effect, of?: OfDelivery): Effected[] => {
    switch (effect.kind) {
      case "entry":
        return [record(of?.source, effect.entry)];
      case "status":
        return [sayStatus(effect.status)];
      case "profile":
        return [sayProfile(effect.profile)];
      case "refund date":
        return [recordDate(of?.source, effect.refund)];
      case "erase":
        return of ? [of.privacy.erase(effect.person)] : [];
      case "erase all":
        return of ? [of.privacy.eraseAll(effect.aliasPrefix)] : [];
      case "data request":
        return of ? [of.privacy.addDataRequest(of.source, effect.person)] : [];
    }
  };
}
