// Which addresses of a ClickHouse are understood, and is the password kept secret?
import { describe, expect, test } from "bun:test";
import { readAnalyticsUrl } from "../../src/host/analytics-url.ts";
import { readConfig } from "../../src/host/config.ts";

describe("ANALYTICS_URL", () => {
  test("names server, database, user, password and cluster", () => {
    expect(readAnalyticsUrl("https://an%40a:p%2Fw@ch.example:8443/reports?cluster=main")).toEqual({
      url: "https://ch.example:8443",
      database: "reports",
      username: "an@a",
      password: "p/w",
      cluster: "main",
    });
    expect(readAnalyticsUrl("http://127.0.0.1:8123/r")).toEqual({
      url: "http://127.0.0.1:8123",
      database: "r",
      username: "default",
      password: "",
      cluster: undefined,
    });
  });

  test.each([
    "clickhouse",
    "tcp://ch.example:9000/reports",
    "https://ch.example:8443",
    "https://ch.example:8443/",
    "https://ch.example:8443/a/b",
    "https://ch.example:8443/re`ports",
    "https://ch.example:8443/reports?cluster=a'b",
    "https://ch.example:8443/reports?user=a",
    "https://ch.example:8443/reports#a",
  ])("refuses %s", (text) => {
    expect(() => readAnalyticsUrl(text)).toThrow("the address of a ClickHouse database");
  });

  test("is not shown where it is wrong, because a password may be in it", () => {
    expect(() => readConfig({ ANALYTICS_URL: "tcp://user:hunter2@ch.example/reports" })).toThrow(/^ANALYTICS_URL must be (?!.*hunter2)/);
  });
});
