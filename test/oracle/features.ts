// Which features does a log have? Counting them shows that a property that holds was really tested.
import { minorOf, readDecimal } from "./amount.ts";
import type { Sent } from "./log.ts";
import type { RandomLog } from "./random-log.ts";
import { linkOf, touchesAmong, typeOf } from "./touches.ts";
import { World } from "./world.ts";
import { readInstant } from "./zone.ts";

/** The number of accepted entries and calls with each feature. */
export type Features = Record<
  | "backDated"
  | "sameInstant"
  | "replay"
  | "conflict"
  | "sharedEmail"
  | "emailAloneThenNamed"
  | "aliasAlone"
  | "aliasWithEmail"
  | "aliasThenNamed"
  | "aliasOfAnother"
  | "takenOn"
  | "byVisitor"
  | "byClick"
  | "nobodys"
  | "clickAfterConversion"
  | "refundBeforeSale"
  | "partialRefund"
  | "overRefund"
  | "valuelessRefund"
  | "statusChange"
  | "olderStatus"
  | "totalOfRefunds"
  | "sentRejected"
  | "saidOfRefund"
  | "refundedNoMore"
  | "otherCurrency"
  | "lateRate"
  | "clockChanges"
  | "erasure"
  | "comeback"
  | "refundOfErased"
  | "creation"
  | "backDatedCreation"
  | "upsert"
  | "claimByCall"
  | "rename"
  | "ownTouch"
  | "creationAsTouch"
  | "toldAgain",
  number
>;

const NONE: Features = {
  backDated: 0,
  sameInstant: 0,
  replay: 0,
  conflict: 0,
  sharedEmail: 0,
  emailAloneThenNamed: 0,
  aliasAlone: 0,
  aliasWithEmail: 0,
  aliasThenNamed: 0,
  aliasOfAnother: 0,
  takenOn: 0,
  byVisitor: 0,
  byClick: 0,
  nobodys: 0,
  clickAfterConversion: 0,
  refundBeforeSale: 0,
  partialRefund: 0,
  overRefund: 0,
  valuelessRefund: 0,
  statusChange: 0,
  olderStatus: 0,
  totalOfRefunds: 0,
  sentRejected: 0,
  saidOfRefund: 0,
  refundedNoMore: 0,
  otherCurrency: 0,
  lateRate: 0,
  clockChanges: 0,
  erasure: 0,
  comeback: 0,
  refundOfErased: 0,
  creation: 0,
  backDatedCreation: 0,
  upsert: 0,
  claimByCall: 0,
  rename: 0,
  ownTouch: 0,
  creationAsTouch: 0,
  toldAgain: 0,
};

/** Adds the features of a log, in the oracle's form, to those counted so far. */
export function count(log: RandomLog, features: Features = { ...NONE }): Features {
  const world = new World({ timezone: log.timezone, currency: "USD", now: 0, attributionWindowDays: 30 });
  const before: Sent[] = [];
  const forgotten = new Set<string>();
  const add = (feature: keyof Features, holds = true) => {
    if (holds) features[feature] += 1;
  };
  add("clockChanges", !["UTC", "Asia/Kathmandu"].includes(log.timezone));

  const countEntry = (entry: Sent) => {
    const at = readInstant(entry.timestamp, world.zone);
    const earlier = (holds: (other: Sent) => boolean) => before.some(holds);
    add(
      "backDated",
      earlier((other) => readInstant(other.timestamp, world.zone) > at),
    );
    add(
      "sameInstant",
      earlier((other) => readInstant(other.timestamp, world.zone) === at),
    );
    if (entry.email !== undefined && entry.externalId !== undefined) {
      add(
        "sharedEmail",
        earlier((other) => other.email === entry.email && other.externalId !== undefined && other.externalId !== entry.externalId),
      );
      add(
        "emailAloneThenNamed",
        earlier((other) => other.email === entry.email && other.externalId === undefined),
      );
    }
    const shares = (other: Sent) => (other.aliases ?? []).some((alias) => entry.aliases?.includes(alias));
    if (entry.aliases !== undefined) {
      add("aliasAlone", entry.externalId === undefined && entry.email === undefined);
      add("aliasWithEmail", entry.externalId === undefined && entry.email !== undefined);
      add("aliasThenNamed", entry.externalId !== undefined && earlier((other) => shares(other) && other.externalId === undefined));
      add(
        "aliasOfAnother",
        entry.externalId !== undefined &&
          earlier((other) => shares(other) && other.externalId !== undefined && other.externalId !== entry.externalId),
      );
    }
    add("comeback", entry.externalId !== undefined && forgotten.has(entry.externalId));
    add("otherCurrency", entry.type === "sale" && entry.currency !== undefined);
    if (entry.type === "click")
      add(
        "clickAfterConversion",
        earlier((other) => other.type !== "click" && other.clickId === entry.clickId),
      );
    if (entry.type !== "refund" && entry.type !== "sale") return;
    const sale = entry.type === "sale" ? entry : before.find((other) => other.type === "sale" && other.orderId === entry.orderId);
    const refunds = [...before, entry].filter((other) => other.type === "refund" && other.orderId === entry.orderId);
    if (entry.type === "sale") add("refundBeforeSale", refunds.length > 0);
    else add("valuelessRefund", entry.value === undefined);
    const totals = refunds.filter(({ totalUntil }) => totalUntil !== undefined);
    add("totalOfRefunds", sale !== undefined && totals.length > 0 && totals.length < refunds.length);
    if (!sale) return;
    const minor = (sent: Sent) => minorOf(readDecimal(sent.value ?? 0), sale.currency ?? "USD") ?? 0n;
    add("partialRefund", entry.type === "refund" && minor(entry) > 0n && minor(entry) < minor(sale));
    add("sentRejected", entry.type === "refund" && entry.status === "rejected");
    add("overRefund", entry.type === "sale" && refunds.reduce((sum, refund) => sum + minor(refund), 0n) > minor(sale));
  };

  for (const { now, entries, statuses, call } of log.segments) {
    world.apply({ op: "clock", now });
    for (const entry of entries) {
      const outcome = world.apply({ op: "event", ...entry });
      add("replay", outcome === "duplicate");
      add("conflict", outcome === "CONFLICT");
      if (outcome !== "accepted") continue;
      countEntry(entry);
      before.push(entry);
    }
    for (const status of statuses) {
      const before = [...world.derived.worth].map(([entry, { status: derived }]) => [entry, derived, entry.status] as const);
      if (world.apply(status) !== "accepted") continue;
      const changed = before.filter(([entry, , said]) => entry.status !== said);
      add("olderStatus", changed.length === 0);
      add(
        "saidOfRefund",
        changed.some(([{ type }]) => type === "refund"),
      );
      add(
        "refundedNoMore",
        before.some(([entry, derived]) => derived === "refunded" && world.derived.worth.get(entry)?.status === "approved"),
      );
    }
    const unsettled = [...world.derived.worth.values()].filter((worth) => worth.amount === undefined).length;
    const erased = call.op === "delete" ? world.find(call.id)?.externalId : undefined;
    const isNew = call.op === "customer" && world.find(`ext_${call.externalId}`) === undefined;
    const outcome = world.apply(call);
    add("takenOn", isNew && outcome === "updated");
    if (outcome.toUpperCase() === outcome) continue;
    if (erased !== undefined) forgotten.add(erased);
    add("erasure", call.op === "delete");
    add("statusChange", call.op === "status");
    add(
      "lateRate",
      call.op === "rate" && [...world.derived.worth.values()].filter((worth) => worth.amount === undefined).length < unsettled,
    );
    add("creation", outcome === "created");
    add("backDatedCreation", outcome === "created" && "createdAt" in call);
    add("upsert", call.op === "customer" && outcome === "updated");
    add("claimByCall", (call.op === "customer" || call.op === "patch") && Boolean(call.clickId ?? call.visitorId ?? call.email));
    add("rename", call.op === "patch" && call.externalId !== undefined);
  }
  for (const { touches } of world.derived.facts.values()) {
    const told = touchesAmong(touches);
    for (const item of touches) {
      add("ownTouch", typeOf(item) === "sale" && told.includes(item));
      add("creationAsTouch", typeOf(item) === "creation" && told.includes(item));
      add(
        "toldAgain",
        (item.source ?? item.campaign ?? linkOf(item)) !== undefined &&
          item.clickId === undefined &&
          typeOf(item) !== "refund" &&
          !told.includes(item),
      );
    }
  }
  for (const entry of world.entries) {
    const owner = world.derived.identity.ownerOf.get(entry);
    const nameless = entry.type !== "refund" && entry.sent.externalId === undefined && entry.sent.email === undefined;
    add("nobodys", owner === undefined);
    add("byVisitor", nameless && owner !== undefined && world.derived.identity.visitors.get(entry.visitorId ?? "") === owner);
    add("byClick", nameless && owner !== undefined && entry.clickId !== undefined);
    add("refundOfErased", entry.type === "refund" && owner !== undefined && world.customers.get(owner)?.erased === true);
  }
  return features;
}
