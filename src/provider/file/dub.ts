// What does Dub's export of customers mean? Who they are. Their sales are only there as sums, which no report could use.
import { openCalendar } from "../../value/calendar.ts";
import { toAlias } from "../identity.ts";
import { ignored, profile } from "../meaning.ts";
import type { FileOptions, Format, Reader } from "./format.ts";
import type { Header } from "./row.ts";

function openCustomers(_header: Header, { now }: FileOptions): Reader {
  const utc = openCalendar("UTC");
  let withSales = 0;
  return {
    dates: ["Created at"],
    calendar: utc,
    notes: () =>
      withSales === 0 ? [] : [`Customers with sales, of which the file has only the sum, so that they are not recorded: ${withSales}.`],
    read(row) {
      const stripe = row.id("Stripe customer ID");
      const id = stripe ?? row.requireId("ID");
      if (id === undefined) return ignored("");
      const email = row.id("Email");
      const name = row.text("Name");
      if (Number(row.text("Sales") ?? 0) > 0) withSales += 1;
      const said = profile({
        alias: toAlias(stripe === undefined ? "dub" : "stripe", id),
        at: row.instant("Created at", utc) ?? now,
        externalId: row.id("External ID"),
        email,
        // Without a name, the export has the email in its place.
        name: name === email ? undefined : name,
        country: row.text("Country"),
      });
      return said.length > 0 ? said : ignored("it says nothing of its customer");
    },
  };
}

export const DUB_CUSTOMERS: Format = {
  name: "dub customers",
  provider: "dub",
  fits: (header) => header.has("ID", "External ID") && header.find("Stripe customer ID", "First sale at", "Sale amount") !== undefined,
  open: openCustomers,
};
