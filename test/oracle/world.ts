// What has been sent so far? Entries, upserts, changes, statuses, rates and erasures, each in the form of the API.
import { minorOf } from "./amount.ts";
import { type Derived, derive, fits, minorValue } from "./derive.ts";
import type { Customer } from "./identity.ts";
import { type Entry, type ProfileUpdate, plainAliases, plainEmail, type Sent, statusOf, toEntry, unlessBlank } from "./log.ts";
import type { Known, Name } from "./names.ts";
import type { Operation, Outcome, StatusCall, Target, Upsert } from "./operation.ts";
import { readInstant, Zone } from "./zone.ts";

const PROFILE = ["name", "avatar", "country", "email", "metadata"] as const;

export class World {
  readonly zone: Zone;
  readonly currency: string;
  readonly windowDays: number;
  now: number;
  readonly entries: Entry[] = [];
  readonly profileUpdates: ProfileUpdate[] = [];
  readonly customers = new Map<number, Customer>();
  readonly known: Known = {
    of: (name) => this.#known.get(JSON.stringify(name)) ?? this.#make(undefined, name).id,
    has: (name) => this.#known.has(JSON.stringify(name)),
    all: () => [...this.#known].map(([name, id]) => [JSON.parse(name) as Name, id]),
  };
  readonly pinnedClicks = new Map<string, number>();
  readonly rates: { currency: string; date: string; rate: string }[] = [];
  /** The customer whom each externalId leads to, current or former. */
  readonly #names = new Map<string, number>();
  readonly #known = new Map<string, number>();
  readonly #keys = new Map<string, Entry>();
  #derived: Derived | undefined;

  constructor(settings: { timezone: string; currency: string; now: number; attributionWindowDays: number }) {
    this.zone = new Zone(settings.timezone);
    this.currency = settings.currency;
    this.now = settings.now;
    this.windowDays = settings.attributionWindowDays;
  }

  /** Everything derived, computed again after each change. */
  get derived(): Derived {
    this.#derived ??= derive(this);
    return this.#derived;
  }

  apply(operation: Operation): Outcome {
    const outcome = this.#apply(operation);
    this.#derived = undefined;
    return outcome;
  }

  #apply(operation: Operation): Outcome {
    switch (operation.op) {
      case "event": {
        const { op: _, ...sent } = operation;
        return this.#receive(sent);
      }
      case "customer": {
        const { op: _, ...body } = operation;
        return this.#upsert(body);
      }
      case "patch": {
        const { op: _, id, ...body } = operation;
        return this.#patch(id, body);
      }
      case "delete":
        return this.#erase(operation.id);
      case "status":
        return this.#setStatus(operation);
      case "rate": {
        const known = this.rates.find((rate) => rate.currency === operation.currency && rate.date === operation.date);
        if (known) known.rate = operation.rate;
        else this.rates.push({ currency: operation.currency, date: operation.date, rate: operation.rate });
        return "accepted";
      }
      case "clock":
        this.now = operation.now;
        return "accepted";
    }
  }

  /** The customer whom a target leads to, if callers can see one. */
  find(target: Target): Customer | undefined {
    const text = target.slice(target.indexOf("_") + 1);
    const name = text.normalize("NFC");
    const { identity } = this.derived;
    const id = target.startsWith("ext_")
      ? this.#names.get(name)
      : identity.ownerOfName(target.startsWith("als_") ? { kind: "alias", value: name } : { kind: "email", value: plainEmail(text) });
    const customer = id === undefined ? undefined : this.customers.get(id);
    return customer && this.#exists(customer) ? customer : undefined;
  }

  #exists(customer: Customer): boolean {
    return !customer.erased && this.derived.facts.has(customer.id);
  }

  #make(externalId: string | undefined, known: Name | undefined): Customer {
    const customer = { id: this.customers.size + 1, externalId, known, erased: false };
    this.customers.set(customer.id, customer);
    if (externalId !== undefined) this.#names.set(externalId, customer.id);
    if (known !== undefined) this.#known.set(JSON.stringify({ kind: known.kind, value: known.value }), customer.id);
    return customer;
  }

  #receive(sent: Sent): Outcome {
    const entry = toEntry(sent, this.zone, this.currency);
    if (entry.aliases.some((alias) => alias.trim() === "")) return "VALIDATION_ERROR";
    if (entry.value !== undefined) {
      if (entry.value.digits < 0n || (entry.type === "refund" && entry.value.digits === 0n)) return "VALIDATION_ERROR";
      if (entry.currency !== undefined && minorOf(entry.value, entry.currency) === undefined) return "VALIDATION_ERROR";
      if (entry.value.scale > 4) return "VALIDATION_ERROR";
    }
    const keyed = JSON.stringify([entry.type, entry.key]);
    const known = this.#keys.get(keyed);
    if (known) {
      const owner = this.derived.identity.ownerOf.get(known);
      // What an erased customer sent is gone, even if a later sale makes the refund somebody else's.
      const erased = known.erasedCustomerId !== undefined || (owner !== undefined && this.customers.get(owner)?.erased);
      return erased || known.content === entry.content ? "duplicate" : "CONFLICT";
    }
    const sale = entry.type === "refund" ? this.#keys.get(JSON.stringify(["sale", sent.orderId])) : undefined;
    if (sale) {
      if (!fits(entry, sale)) return "VALIDATION_ERROR";
      const asked = this.entries.filter(
        (other) =>
          other.type === "refund" &&
          other.sent.totalUntil === undefined &&
          other.sent.orderId === sent.orderId &&
          other.status !== "rejected" &&
          fits(other, sale),
      );
      const sum = [...asked, entry].reduce((all, refund) => all + minorValue(refund, sale.currency), 0n);
      const isMeasured = entry.status !== "rejected" && sent.totalUntil === undefined;
      if (isMeasured && entry.value !== undefined && sum > minorValue(sale, sale.currency)) return "CONFLICT";
    }
    if (!sale && sent.externalId !== undefined) {
      const name = sent.externalId.normalize("NFC");
      entry.declaredCustomerId = this.#names.get(name) ?? this.#make(name, undefined).id;
    }
    this.#keys.set(keyed, entry);
    this.entries.push(entry);
    return "accepted";
  }

  #tell(customer: Customer, body: Upsert, isCreation: boolean, link?: Name): void {
    const calledAt = this.now;
    const known = customer.externalId === undefined ? customer.known : undefined;
    const brought = (kind: Name["kind"], names: readonly string[]) => [
      ...new Set([...[known, link].flatMap((name) => (name?.kind === kind ? [name.value] : [])), ...names]),
    ];
    this.profileUpdates.push({
      sequence: this.profileUpdates.length,
      customerId: customer.id,
      known,
      isCreation,
      at: isCreation && body.createdAt !== undefined ? readInstant(body.createdAt, this.zone) : calledAt,
      calledAt,
      key: customer.externalId ?? known?.value ?? "",
      emails: brought("email", body.email ? [plainEmail(body.email)] : []),
      aliases: brought("alias", plainAliases(body.aliases)),
      clickId: body.clickId,
      visitorId: body.visitorId,
      source: isCreation ? unlessBlank(body.source) : undefined,
      campaign: isCreation ? unlessBlank(body.campaign) : undefined,
      profile: Object.fromEntries(
        PROFILE.flatMap((field) =>
          body[field] === undefined ? [] : [[field, field === "email" && body.email ? plainEmail(body.email) : body[field]]],
        ),
      ),
    });
  }

  #upsert(body: Upsert & { externalId: string }): Outcome {
    const externalId = body.externalId.normalize("NFC");
    const known = this.customers.get(this.#names.get(externalId) ?? 0);
    const customer = known?.externalId === externalId ? known : this.#make(externalId, undefined);
    const isThere = this.#exists(customer);
    const nameless = [...this.customers.values()].filter(({ known, ...other }) => known !== undefined && this.#exists({ known, ...other }));
    this.#tell(customer, body, false);
    if (isThere) return "updated";
    this.#derived = undefined;
    // They take on the externalId if somebody without one is part of them now.
    if (nameless.some(({ known }) => known && this.derived.identity.ownerOfName(known) === customer.id)) return "updated";
    this.profileUpdates.pop();
    this.#tell(customer, body, true);
    return "created";
  }

  #patch(id: Target, body: Upsert): Outcome {
    const customer = this.find(id);
    if (!customer) return "NOT_FOUND";
    const externalId = body.externalId?.normalize("NFC");
    let link: Name | undefined;
    if (externalId !== undefined && externalId !== customer.externalId) {
      const other = this.customers.get(this.#names.get(externalId) ?? 0);
      if (other && other !== customer && other.externalId === externalId) {
        if (this.#exists(other)) return "DUPLICATE_EXTERNAL_ID";
        other.externalId = undefined;
      }
      if (customer.known !== undefined) {
        link = customer.known;
        this.#known.delete(JSON.stringify(customer.known));
        customer.known = undefined;
      }
      customer.externalId = externalId;
      this.#names.set(externalId, customer.id);
    }
    this.#tell(customer, body, false, link);
    return "updated";
  }

  /** Definitions §10: their entries stay theirs; their names, emails and visitors are forgotten. */
  #erase(id: Target): Outcome {
    const customer = this.find(id);
    if (!customer) return "NOT_FOUND";
    const { identity } = this.derived;
    const visitors = new Set([...identity.visitors].flatMap(([visitorId, owner]) => (owner === customer.id ? [visitorId] : [])));
    const theirs = this.profileUpdates.filter((profileUpdate) => identity.tellerOf(profileUpdate) === customer.id);
    for (const [entry, owner] of identity.ownerOf) {
      if (owner !== customer.id || entry.erasedCustomerId !== undefined) continue;
      entry.erasedCustomerId = owner;
      entry.email = undefined;
      entry.aliases = [];
    }
    const names = new Set([...this.#names].flatMap(([name, owner]) => (owner === customer.id ? [name] : [])));
    for (const entry of this.entries) {
      // A refund of another customer's sale that named them, whether or not they were known when it arrived.
      if (entry.type !== "refund" || entry.erasedCustomerId !== undefined) continue;
      const isTheirs = (kind: Name["kind"], value: string) => identity.ownerOfName({ kind, value }) === customer.id;
      const declared = names.has(entry.sent.externalId?.normalize("NFC") ?? "");
      if (declared || (entry.email !== undefined && isTheirs("email", entry.email))) entry.email = undefined;
      entry.aliases = entry.aliases.filter((alias) => !declared && !isTheirs("alias", alias));
    }
    for (const [clickId, owner] of identity.clicks) if (owner === customer.id) this.pinnedClicks.set(clickId, owner);
    for (const profileUpdate of theirs) {
      profileUpdate.customerId = customer.id;
      profileUpdate.known = undefined;
      profileUpdate.emails = [];
      profileUpdate.aliases = [];
      profileUpdate.clickId = undefined; // kept in pinnedClicks
      profileUpdate.visitorId = undefined;
      profileUpdate.profile = {};
    }
    for (const item of [...this.entries, ...this.profileUpdates])
      if (item.visitorId !== undefined && visitors.has(item.visitorId)) item.visitorId = undefined;
    for (const [name, owner] of this.#names) if (owner === customer.id) this.#names.delete(name);
    for (const [name, owner] of this.#known)
      if (owner === customer.id || identity.ownerOfName(JSON.parse(name) as Name) === customer.id) this.#known.delete(name);
    customer.known = undefined;
    customer.erased = true;
    return "accepted";
  }

  #setStatus({ orderId, type = "refund", eventId, status, statusAt }: StatusCall): Outcome {
    const entry = this.#keys.get(JSON.stringify(orderId === undefined ? [type, eventId] : ["sale", orderId]));
    if (!entry || entry.type === "click") return "NOT_FOUND";
    if (status === "refunded" && entry.type !== "sale") return "VALIDATION_ERROR";
    if (entry.type === "refund" && !["approved", "rejected"].includes(status)) return "VALIDATION_ERROR";
    const known = [entry.at, ...entry.said.map(({ at }) => at)].filter((at) => at >= this.now);
    const at = statusAt === undefined ? Math.max(this.now, ...known.map((each) => each + 1)) : readInstant(statusAt, this.zone);
    if (at > this.now + 86_400_000 && statusAt !== undefined) return "VALIDATION_ERROR";
    entry.said.push({ at, status: status === "refunded" ? "approved" : status });
    entry.status = statusOf({ at: entry.at, status: entry.sent.status ?? "approved" }, entry.said);
    this.#derived = undefined;
    if (status === "refunded" && !this.#isWhollyRefunded(entry)) this.#receive({ type: "refund", timestamp: at, orderId: entry.key });
    return "accepted";
  }

  #isWhollyRefunded(sale: Entry): boolean {
    const refunds = [...this.derived.worth].filter(
      ([refund, { sale: of }]) => of === sale && refund.status !== "rejected" && fits(refund, sale),
    );
    return refunds.length > 0 && refunds.reduce((sum, [, { own }]) => sum + (own ?? 0n), 0n) === minorValue(sale, sale.currency);
  }
}
