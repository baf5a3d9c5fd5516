// What do the files of Stripe's dashboard mean? Payments are sales and totals of refunds, customers are people, and a balance has dates.
import { openCalendar } from "../../value/calendar.ts";
import { toIso } from "../../value/instant.ts";
import type { Named } from "../effect.ts";
import { readMetadata, readReference, toAlias, toAliases } from "../identity.ts";
import { sumDecimals } from "../json.ts";
import { customer, ignored, profile, TEST_MODE } from "../meaning.ts";
import { isInquiry, isMoneyBack } from "../stripe/payment.ts";
import { FileError } from "./file-error.ts";
import type { FileOptions, Format, Reader } from "./format.ts";
import type { Header, Row } from "./row.ts";
import { openSold } from "./sold.ts";

const CREATED = ["Created date (UTC)", "Created (UTC)"] as const;
const METADATA = /^(.+) \(metadata\)$/i;

const PAID = new Set(["paid", "succeeded", "refunded", "partially refunded", "partial refund", "disputed"]);
const PENDING = new Set(["pending", "processing"]);
const UNPAID = /^(?:failed|cancell?ed|blocked|expired|incomplete|uncaptured|requires[ _].+)$/;

const NEEDS_PAYMENT = `The file has no column "PaymentIntent ID", by which webhooks know its payments: export it again with "All columns", or use --by-charge if this workspace gets no webhooks of these payments, because they would count twice.`;

/** Opens the function that reads the columns `name (metadata)` as metadata. */
function openMetadata({ names }: Header): (row: Row) => Record<string, unknown> {
  const columns = names.flatMap((column): [string, string][] => {
    const [, name] = METADATA.exec(column) ?? [];
    return name === undefined ? [] : [[name, column]];
  });
  return (row) => Object.fromEntries(columns.map(([name, column]) => [name, row.id(column)]));
}

/** Whom the row of a payment names, in the order of its webhooks. */
function payerOf(row: Row, metadata: Record<string, unknown>, idKeys: readonly string[]): Named {
  const said = readMetadata([metadata], idKeys);
  const reference = readReference(row.id("Client Reference ID"));
  return {
    externalId: said.externalId ?? reference.externalId,
    clickId: said.clickId ?? reference.clickId,
    aliases: toAliases("stripe", row.id("Customer ID")),
    email: row.id("Customer Email"),
    name: row.text("Card Name"),
    country: row.text("Card Address Country"),
    source: said.source ?? row.text("UTM Source"),
    campaign: said.campaign ?? row.text("UTM Campaign"),
    medium: said.medium ?? row.text("UTM Medium"),
  };
}

const isTest = (row: Row): boolean => row.text("Mode")?.toLowerCase() === "test" || row.text("livemode")?.toLowerCase() === "false";

function openPayments(header: Header, { idKeys, byCharge = false, testMode = false }: FileOptions): Reader {
  if (!header.has("PaymentIntent ID") && !byCharge) throw new FileError(NEEDS_PAYMENT);
  if (!header.has("PaymentIntent ID") && !header.has("id"))
    throw new FileError(`The file has neither a column "id" nor "PaymentIntent ID": export it again with "All columns".`);
  const created = header.find(...CREATED) ?? CREATED[0];
  const sold = openSold();
  const metadataOf = openMetadata(header);
  const utc = openCalendar("UTC");

  /** What has been refunded, and with it what disputes have taken since, which the file does not count as refunded. */
  function refundedOf(row: Row, currency: string | undefined) {
    const refunded = row.amount("Amount Refunded", currency);
    const disputed = row.amount("Disputed Amount", currency);
    const dispute = row.text("Dispute Status")?.toLowerCase();
    const isLost = dispute !== undefined && !isInquiry(dispute) && !isMoneyBack(dispute) && disputed !== undefined;
    const both = sumDecimals([refunded?.value ?? 0, disputed?.value ?? 0]);
    return [
      { money: refunded, at: row.instant("Refunded date (UTC)", utc) },
      ...(isLost && both !== undefined ? [{ money: { ...disputed, value: both }, at: row.instant("Dispute Date (UTC)", utc) }] : []),
    ];
  }

  return {
    dates: [created, "Refunded date (UTC)", "Dispute Date (UTC)"],
    calendar: utc,
    notes: sold.notes,
    read(row, newestAt) {
      const status = row.text("Status")?.toLowerCase() ?? "";
      if (isTest(row) && !testMode) return TEST_MODE;
      if (UNPAID.test(status)) return ignored("the payment has not succeeded");
      if (row.text("Captured")?.toLowerCase() === "false") return ignored("the payment is not captured");
      if (!PAID.has(status) && !PENDING.has(status)) return row.refuseWord("Status");
      const currency = row.currency("Currency");
      return sold.toMeaning(
        {
          orderId: row.id("PaymentIntent ID") ?? row.requireId("id"),
          at: row.requireInstant(created, utc),
          money: row.requireAmount("Amount", currency),
          named: payerOf(row, metadataOf(row), idKeys),
          isPending: PENDING.has(status),
          refunded: refundedOf(row, currency),
        },
        newestAt,
      );
    },
  };
}

export const STRIPE_PAYMENTS: Format = {
  name: "stripe payments",
  provider: "stripe",
  fits: (header) =>
    header.find(...CREATED) !== undefined &&
    header.has("Amount", "Currency", "Status") &&
    header.find("Captured", "Converted Amount") !== undefined,
  open: openPayments,
};

const BALANCE_ID = ["payment_intent_id", "PaymentIntent ID", "charge_id"] as const;

function openBalance(header: Header): Reader {
  if (header.find(...BALANCE_ID) === undefined)
    throw new FileError(
      `The file has neither a column "payment_intent_id" nor "charge_id", which say what was refunded: export an itemized report with these columns.`,
    );
  const created = header.find("created_utc", ...CREATED);
  if (created === undefined) throw new FileError(`The file has no column "created_utc": export it again with this column.`);
  const [amount, currency] = header.has("customer_facing_amount", "customer_facing_currency")
    ? ["customer_facing_amount", "customer_facing_currency"]
    : [header.find("gross") ?? "Amount", "currency"];
  const utc = openCalendar("UTC");
  return {
    dates: [created],
    calendar: utc,
    notes: () => [],
    read(row) {
      if (!/^(?:payment_)?refund$/i.test(row.text("reporting_category", "Type") ?? "")) return ignored("it is no refund");
      const at = row.requireInstant(created, utc);
      const money = row.requireAmount(`${amount}`, row.currency(`${currency}`));
      const eventId = row.requireId("source_id", "Source");
      const orderId = row.id(...BALANCE_ID);
      if (at === undefined || money === undefined || eventId === undefined) return ignored("");
      if (orderId === undefined) return ignored("it does not name its payment");
      // A balance loses what is refunded.
      const refund = { type: "refund", eventId, orderId, timestamp: toIso(at), ...money, value: Math.abs(money.value) } as const;
      return [{ kind: "refund date", refund }];
    },
  };
}

export const STRIPE_BALANCE: Format = {
  name: "stripe balance",
  provider: "stripe",
  fits: (header) =>
    header.has("balance_transaction_id") ||
    header.has("reporting_category") ||
    (header.has("Type", "Source", "Net", "Fee") && header.has("id")),
  open: openBalance,
};

function openCustomers(header: Header, { idKeys, now }: FileOptions): Reader {
  const created = header.find(...CREATED);
  const utc = openCalendar("UTC");
  const metadataOf = openMetadata(header);
  return {
    dates: created === undefined ? [] : [created],
    calendar: utc,
    notes: () => [],
    read(row) {
      const id = row.requireId("id");
      const { externalId, clickId } = readMetadata([metadataOf(row)], idKeys);
      const told = {
        ...{ externalId, clickId, email: row.id("Email"), name: row.text("Name") },
        country: row.text("Address Country", "Billing Address Country", "Card Address Country"),
      };
      const createdAt = created === undefined ? undefined : row.requireInstant(created, utc);
      if (created !== undefined) return customer("stripe", [id], createdAt, { at: createdAt ?? now, ...told });
      const said = id === undefined ? [] : profile({ alias: toAlias("stripe", id), at: now, ...told });
      return said.length > 0 ? said : ignored("it says nothing of its customer");
    },
  };
}

export const STRIPE_CUSTOMERS: Format = {
  name: "stripe customers",
  provider: "stripe",
  fits: (header) => header.has("id", "Email") && header.find("Total Spend", "Payment Count", "Delinquent", "Refunded Volume") !== undefined,
  open: openCustomers,
};
