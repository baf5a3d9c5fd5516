// Are keys stored as digests, and do they open until they are revoked or expire?
import { describe, expect, test } from "bun:test";
import { createKey, ensureKey, listKeys, revokeKey } from "../../src/access/api-key.ts";
import { openKeyring } from "../../src/access/keyring.ts";
import { openWorld } from "../harness.ts";

const KEY = /^rg_[0-9A-Za-z]{36}$/;

describe("the store of keys", () => {
  test("keeps a key's hash, not the key", () => {
    const { workspace: context, close } = openWorld();
    const key = createKey(context, { scopes: ["links:read"], name: "shop" });
    const row = context.database.sqlite.prepare("SELECT * FROM api_key").get();
    expect(key).toMatch(KEY);
    expect(JSON.stringify(row)).not.toContain(key.slice(7));
    expect(listKeys(context)).toMatchObject([{ name: "shop", scopes: "links:read", start: key.slice(0, 7), revokedAt: null }]);
    close();
  });

  test("makes a first key once, and none beside ADMIN_KEY", () => {
    const { workspace: context, close } = openWorld();
    expect(ensureKey(context, "an-admin-key-of-mine")).toBeUndefined();
    expect(ensureKey(context, undefined)).toMatch(KEY);
    expect(ensureKey(context, undefined)).toBeUndefined();
    close();
  });

  test("notices within a second what another process revoked, and at once what it made", () => {
    const { workspace: context, close } = openWorld();
    let elapsed = 0;
    const keyring = openKeyring(context.database, context.now, undefined, () => elapsed);
    const key = createKey(context, { scopes: ["links:read"] });
    const [row] = listKeys(context);
    expect(keyring.findKey(key)?.id).toBe(String(row?.id));
    expect(revokeKey(context, String(row?.id))).toBe(true);
    expect(revokeKey(context, String(row?.id))).toBe(false);
    elapsed = 999;
    expect(keyring.findKey(key)?.id).toBe(String(row?.id));
    elapsed = 1000;
    expect(keyring.findKey(key)).toBeUndefined();
    close();
  });

  test("lets a key in until it expires, to the millisecond", () => {
    const { workspace: context, clock, close } = openWorld();
    const keyring = openKeyring(context.database, context.now);
    const key = createKey(context, { scopes: ["links:read"], expiresAt: clock.now() + 5 });
    expect(keyring.findKey(key)).toBeDefined();
    clock.set(clock.now() + 4);
    expect(keyring.findKey(key)).toBeDefined();
    clock.set(clock.now() + 1);
    expect(keyring.findKey(key)).toBeUndefined();
    close();
  });

  test("writes down later when a key was last used", () => {
    const { workspace: context, clock, close } = openWorld();
    const keyring = openKeyring(context.database, context.now);
    const key = createKey(context, { scopes: ["links:read"] });
    keyring.findKey(key);
    expect(listKeys(context)[0]?.lastUsedAt).toBeNull();
    keyring.flush();
    expect(listKeys(context)[0]?.lastUsedAt).toBe(clock.now());
    close();
  });
});
