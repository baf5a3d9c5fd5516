// Would a call have made its customer if an import had never been? Once the import is taken back, all that is connected with the call by names is
// told anew, in the order in which it came, to a blank database in memory. There it is decided again.

import type { Context } from "../../context.ts";
import type { ChangedCall } from "../../customer/change-call.ts";
import { openCustomers } from "../../customer/ensure-customer.ts";
import type { StoredCall } from "../../customer/store-update.ts";
import { openProfileUpdates } from "../../customer/update-profile.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { toAliases } from "../../ledger/name.ts";
import { openRecorder } from "../record.ts";
import { toStoredDraft } from "../stored-draft.ts";
import { type Connected, externalIdOf, type NamingEntry, type NamingUpdate } from "./neighbours.ts";
import { openScratch } from "./trial.ts";

type Came = { readonly entry: NamingEntry } | { readonly update: NamingUpdate };
type Scratch = Awaited<ReturnType<typeof openTelling>>;

export interface Decisions {
  /** Decides the calls among rows that are connected by names, as if nothing else had ever come. Gives those that come out otherwise. */
  decide(connected: Connected): Promise<ChangedCall[]>;
  close(): void;
}

/** After so many rows the database in memory is a new one. */
const MOST_TOLD = 20_000;

const callOf = ({ call }: NamingUpdate): StoredCall | undefined => (call === null ? undefined : (JSON.parse(call) as StoredCall));

/** All in the order in which it came. An update without a call came at the latest before the next one. */
function inOrder({ entries, updates }: Connected): Came[] {
  const sorted = entries.toSorted((one, other) => one.id - other.id);
  const came: Came[] = [];
  let next = 0;
  const addUntil = (id: number) => {
    for (let entry = sorted[next]; entry && entry.id <= id; entry = sorted[next]) {
      came.push({ entry });
      next += 1;
    }
  };
  for (const update of updates.toSorted((one, other) => one.id - other.id)) {
    addUntil(callOf(update)?.after ?? 0);
    came.push({ update });
  }
  addUntil(Number.POSITIVE_INFINITY);
  return came;
}

/** Has an externalId been more than one customer's, or a customer had more than one? Then it also counts to whom a PATCH was sent and when. */
function isRenamed({ entries, updates }: Connected): boolean {
  const [names, ids] = [new Map<number, string>(), new Map<string, number>()];
  const isOther = (id: number | null, name: string | null | undefined): boolean => {
    if (id === null || name === null || name === undefined) return false;
    if ((names.get(id) ?? name) !== name || (ids.get(name) ?? id) !== id) return true;
    names.set(id, name);
    ids.set(name, id);
    return false;
  };
  return (
    entries.some(({ declaredCustomerId, externalId }) => isOther(declaredCustomerId, externalId)) ||
    updates.some((update) => isOther(update.customerId, externalIdOf(update)))
  );
}

/** Opens a blank database, and what tells it a row. */
async function openTelling(context: Context) {
  let clock = 0;
  const trial = await openScratch(context, () => clock);
  await nextTurn();
  const { database, ledger } = trial.context;
  const recorder = openRecorder(trial.context);
  const profiles = openProfileUpdates(trial.context);
  const customers = openCustomers(trial.context);
  await nextTurn();
  const lastUpdate = database.sqlite.prepare<[], number | null>("SELECT max(id) FROM profile_update").pluck();
  const decision = database.sqlite.prepare<[id: number], ChangedCall>(
    `SELECT p.id, p.is_creation AS isCreation, p.at, p.source, p.campaign, c.created_at AS madeAt
     FROM profile_update AS p JOIN customer AS c ON c.id = p.customer_id WHERE p.id = ?`,
  );

  /** One that was sent to a customer stays as it is. */
  function restore(update: NamingUpdate, externalId: string | undefined): void {
    const { at, calledAt, email, source, campaign, isSaid, isCreation, knownEmail, knownAlias } = update;
    const name = knownEmail ?? knownAlias;
    const known = name === null ? undefined : ({ kind: knownEmail === null ? "alias" : "email", value: name } as const);
    if (externalId !== undefined) customers.ensureByExternalId(externalId, { emails: [], aliases: [] });
    if (known) customers.restore(known, calledAt);
    profiles.restore({
      of: externalId === undefined ? known : { externalId },
      ...{ isCreation: isCreation === 1, isSaid: isSaid === 1, at, calledAt, externalId: externalId ?? null, email },
      ...{ aliases: toAliases(update.aliases), clickId: update.clickId, visitorId: update.visitorId, source, campaign, profile: {} },
    });
  }

  function tellUpdate(update: NamingUpdate): void {
    const { calledAt, email, isSaid } = update;
    const externalId = externalIdOf(update);
    const call = callOf(update);
    const fields = {
      ...(email !== null && { email }),
      ...(update.clickId !== null && { clickId: update.clickId }),
      ...(update.visitorId !== null && { visitorId: update.visitorId }),
      aliases: toAliases(update.aliases),
    };
    clock = calledAt;
    if (call === undefined) restore(update, externalId);
    else if (isSaid === 1) profiles.say({ ...fields, externalId }, calledAt, call);
    else if (externalId !== undefined)
      profiles.upsert(
        { ...fields, externalId },
        { createdAt: call.createdAt, source: call.source ?? null, campaign: call.campaign ?? null },
      );
  }

  return {
    trial,
    told: new Set<string>(),
    /** Tells a row, within a write. Gives the id that a profile update has here; undefined: it is there already. */
    tell: (came: Came): number | undefined =>
      ledger.write(() => {
        if ("entry" in came) {
          clock = came.entry.receivedAt;
          recorder.record(toStoredDraft(came.entry, context.config.currency), { key: came.entry.key, isMeasured: false });
          return undefined;
        }
        const before = lastUpdate.get();
        tellUpdate(came.update);
        const id = lastUpdate.get() ?? undefined;
        return id === before ? undefined : id;
      }),
    decision: (id: number) => decision.get(id),
  };
}

export function openDecisions(context: Context): Decisions {
  let scratch: Scratch | undefined;
  function close(): void {
    scratch?.trial.close();
    scratch = undefined;
  }

  /** Rows that are not connected with each other can be told to one database. */
  async function requireScratch(keys: readonly string[]): Promise<Scratch> {
    if (scratch && (scratch.told.size > MOST_TOLD || keys.some((key) => scratch?.told.has(key)))) close();
    scratch ??= await openTelling(context);
    for (const key of keys) scratch.told.add(key);
    return scratch;
  }

  return {
    close,
    async decide(connected) {
      if (!connected.updates.some(({ call }) => call !== null) || isRenamed(connected)) return [];
      const { entries, updates } = connected;
      const { trial, tell, decision } = await requireScratch([...entries.map(({ id }) => `${id}`), ...updates.map(({ id }) => `-${id}`)]);
      const decided: { readonly update: NamingUpdate; readonly id: number }[] = [];
      const isOver = openTurn();
      for (const came of inOrder(connected)) {
        const id = tell(came);
        if (id !== undefined && "update" in came && came.update.call !== null) decided.push({ update: came.update, id });
        await trial.context.ledger.allReassigned();
        if (isOver()) await nextTurn();
      }
      return decided.flatMap(({ update, id }): ChangedCall[] => {
        const made = decision(id);
        if (!made || (made.isCreation === update.isCreation && made.at === update.at)) return [];
        return [{ ...made, id: update.id }];
      });
    },
  };
}
