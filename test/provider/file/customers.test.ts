// What do the rows of customers mean?
import { describe, expect, test } from "bun:test";
import { csv, effectsOf, NOW, read, reasonsOf } from "./read.ts";

describe("customers", () => {
  test("of Stripe are created once and said for then", async () => {
    const columns = ["id", "Email", "Name", "Created (UTC)", "Delinquent", "Total Spend", "userId (metadata)"];
    const row = { id: "cus_1", Email: "'+ann@x.example", Name: "Ann", "Created (UTC)": "2026-01-02 03:04", "userId (metadata)": "u1" };
    const file = await read(csv(columns, [row]));
    expect(file.format).toBe("stripe customers");
    expect(effectsOf(file)).toEqual([
      {
        kind: "entry",
        entry: {
          type: "custom",
          event: "customer_created",
          eventId: "stripe:cus_1",
          timestamp: "2026-01-02T03:04:00.000Z",
          aliases: ["stripe:cus_1"],
        },
      },
      {
        kind: "profile",
        profile: {
          alias: "stripe:cus_1",
          at: Date.UTC(2026, 0, 2, 3, 4),
          externalId: "u1",
          clickId: undefined,
          email: "+ann@x.example",
          name: "Ann",
          country: undefined,
        },
      },
    ]);
    const undated = await read(
      csv(
        columns.filter((name) => name !== "Created (UTC)"),
        [row, { id: "cus_2" }, { Email: "x@x.example" }],
      ),
    );
    expect(effectsOf(undated)).toMatchObject([{ kind: "profile", profile: { alias: "stripe:cus_1", at: NOW } }]);
    expect(reasonsOf(undated)).toEqual({ "it says nothing of its customer": 1, '"id" is missing': 1 });
  });

  test("of Shopify are said for now, because nothing says when they were created", async () => {
    const columns = [
      "Customer ID",
      "First Name",
      "Last Name",
      "Email",
      "Accepts Email Marketing",
      "Default Address Country Code",
      "Total Spent",
      "Total Orders",
    ];
    const text = csv(columns, [
      { "Customer ID": "'7123", "First Name": "Ann", "Last Name": "Li", Email: "ann@x.example", "Default Address Country Code": "DE" },
    ]);
    const file = await read(text, { shop: "My-Shop.myshopify.com" });
    expect(effectsOf(file)).toEqual([
      { kind: "profile", profile: { alias: "shopify:my-shop:7123", at: NOW, email: "ann@x.example", name: "Ann Li", country: "DE" } },
    ]);
    await expect(read(text)).rejects.toThrow("--shop");
  });

  test.each(["labels", "ids"])("of Dub, with %s in the first line, are profiles and never sales", async (kind) => {
    const labels = [
      "ID",
      "Name",
      "Email",
      "External ID",
      "Stripe customer ID",
      "Country",
      "Sales",
      "Sale amount",
      "Created at",
      "First sale at",
    ];
    const ids = ["id", "name", "email", "externalId", "stripeCustomerId", "country", "sales", "saleAmount", "createdAt", "firstSaleAt"];
    const cells = [
      ["cus_d1", "ann@x.example", "ann@x.example", "u1", "cus_1", "DE", "2", '"$1,234.50"', "2026-01-02T03:04:05.000Z", ""],
      ["cus_d2", "Bob", "", "", "", "", "0", "$0.00", "", ""],
    ];
    const file = await read([kind === "ids" ? ids : labels, ...cells].map((row) => row.join(",")).join("\n"));
    expect(file).toMatchObject({ format: "dub customers", provider: "dub" });
    expect(JSON.parse(JSON.stringify(effectsOf(file)))).toEqual([
      {
        kind: "profile",
        profile: { alias: "stripe:cus_1", at: Date.UTC(2026, 0, 2, 3, 4, 5), externalId: "u1", email: "ann@x.example", country: "DE" },
      },
      { kind: "profile", profile: { alias: "dub:cus_d2", at: NOW, name: "Bob" } },
    ]);
    expect(file.notes).toEqual(["Customers with sales, of which the file has only the sum, so that they are not recorded: 1."]);
  });
});
