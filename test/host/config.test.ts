// Are the settings read as the documentation says, with every problem at once?
import { describe, expect, test } from "bun:test";
import { readConfig, SETTINGS } from "../../src/host/config.ts";

describe("readConfig", () => {
  test("fills in the defaults", () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: "127.0.0.1",
      databasePath: "./data/regulars.db",
      timezone: "UTC",
      currency: "USD",
      attributionWindowDays: 30,
      snapshotTtl: 30,
      revenueTracking: true,
      dashboard: true,
      sessions: "database",
      rateLimit: 0,
      addressRateLimit: 0,
      publishableEntriesPerVisitor: 120,
      publishableEntriesPerAddress: 1200,
      publishableBytesPerAddress: 5 * 1024 ** 2,
      publishableEntriesPerKey: 60_000,
      publishableBytesPerKey: 50 * 1024 ** 2,
      maxDatabaseBytes: 0,
      segmentLeadEvents: ["signed up", "account created", "trial started", "lead", "lead *"],
      segmentOtherEvents: "record",
      trustProxy: 0,
      followAck: false,
      analyticsFallback: false,
      mcpHosts: ["localhost"],
      logLevel: "info",
      backupKeep: 7,
      changesKeep: 30 * 86_400_000,
      webhookAllowPrivate: false,
      webhookTestMode: false,
      providerIdKeys: ["regularsExternalId", "externalId", "userId", "dubCustomerExternalId"],
    });
  });

  test("takes what is set; empty is absent", () => {
    expect(
      readConfig({
        PORT: "0",
        TIMEZONE: "Europe/Berlin",
        CURRENCY: "JPY",
        REVENUE_TRACKING: "false",
        ADMIN_KEY: "",
        CLOCK: "2026-03-01T00:00:00Z",
      }),
    ).toMatchObject({
      port: 0,
      timezone: "Europe/Berlin",
      currency: "JPY",
      revenueTracking: false,
      clock: Date.parse("2026-03-01T00:00:00Z"),
    });
    expect(readConfig({ ADMIN_KEY: "" })).not.toHaveProperty("adminKey");
  });

  test.each([
    ["0", 0],
    ["1000000", 1e6],
    ["500MB", 5e8],
    ["20GB", 2e10],
  ])("reads %s as the largest size of the database", (text, bytes) => {
    expect(readConfig({ MAX_DATABASE_BYTES: text }).maxDatabaseBytes).toBe(bytes);
  });

  test("takes several secrets of webhooks, and shows none that is bad", () => {
    expect(readConfig({ STRIPE_WEBHOOK_SECRET: "whsec_old12345, whsec_new12345" }).stripeSecrets).toEqual([
      "whsec_old12345",
      "whsec_new12345",
    ]);
    expect(() => readConfig({ POLAR_WEBHOOK_SECRET: "good-secret-1,short" })).toThrow("POLAR_WEBHOOK_SECRET must be one or more secrets");
    expect(() => readConfig({ POLAR_WEBHOOK_SECRET: "good-secret-1,short" })).not.toThrow("short");
  });

  test("names every problem in one message, and no secret", () => {
    const bad = {
      PORT: "70000",
      ADMIN_KEY: "too-short",
      TIMEZONE: "Mars/Base",
      CURRENCY: "XXX",
      ATTRIBUTION_WINDOW_DAYS: "0",
      SNAPSHOT_TTL: "-1",
      REVENUE_TRACKING: "yes",
      RATE_LIMIT: "many",
      MAX_DATABASE_BYTES: "999999",
      CLOCK: "2026-03-01",
      BASE_PATH: "analytics",
      LOG_LEVEL: "loud",
    };
    const message = (() => {
      try {
        return JSON.stringify(readConfig(bad));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(Object.keys(bad).filter((name) => !message.includes(`${name} must be`))).toEqual([]);
    expect(message).not.toContain("too-short");
    for (const [name, value] of Object.entries(bad))
      if (name !== "ADMIN_KEY") expect(message).toMatch(new RegExp(`^${name} must be .*, not ${value}\\.$`, "m"));
  });

  test("lists every setting with its default", () => {
    expect(SETTINGS.map(({ name, default: fallback }) => `${name}=${fallback}`)).toEqual([
      "PORT=3000",
      "HOST=127.0.0.1",
      "DATABASE_PATH=./data/regulars.db",
      "ADMIN_KEY=",
      "TIMEZONE=UTC",
      "CURRENCY=USD",
      "ATTRIBUTION_WINDOW_DAYS=30",
      "SNAPSHOT_TTL=30",
      "REVENUE_TRACKING=true",
      "RATE_LIMIT=0",
      "ADDRESS_RATE_LIMIT=0",
      "PUBLISHABLE_ENTRIES_PER_VISITOR=120",
      "PUBLISHABLE_ENTRIES_PER_ADDRESS=1200",
      "PUBLISHABLE_BYTES_PER_ADDRESS=5242880",
      "PUBLISHABLE_ENTRIES_PER_KEY=60000",
      "PUBLISHABLE_BYTES_PER_KEY=52428800",
      "MAX_DATABASE_BYTES=0",
      "SEGMENT_LEAD_EVENTS=Signed Up,Account Created,Trial Started,Lead,Lead *",
      "SEGMENT_OTHER_EVENTS=record",
      "TRUST_PROXY=0",
      "BASE_PATH=",
      "DASHBOARD=true",
      "SESSIONS=database",
      "MCP_HOSTS=localhost",
      "LOG_LEVEL=info",
      "BACKUP_EVERY=",
      "BACKUP_KEEP=7",
      "BACKUP_DIR=",
      "CHANGES_KEEP=30d",
      "FOLLOW_ACK=0",
      "ANALYTICS_URL=",
      "ANALYTICS_FALLBACK=false",
      "STRIPE_WEBHOOK_SECRET=",
      "SHOPIFY_WEBHOOK_SECRET=",
      "PADDLE_WEBHOOK_SECRET=",
      "LEMONSQUEEZY_WEBHOOK_SECRET=",
      "POLAR_WEBHOOK_SECRET=",
      "WEBHOOK_ALLOW_PRIVATE=false",
      "WEBHOOK_TEST_MODE=false",
      "PROVIDER_ID_KEYS=regularsExternalId,externalId,userId,dubCustomerExternalId",
      "CLOCK=",
    ]);
  });
});
