// Who are the customers? Found by search and filters, sorted, a page at a time, and each leading to their own page.
import { useRef } from "preact/hooks";
import { setQuery, toHref, useAddress } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head, Name, type Order } from "./controls.tsx";
import { CustomerFilters, clearFilters, hasFilters, toFilters } from "./customer-filters.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { count, money } from "./format.ts";
import { rangeDates } from "./range.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { useRange, useWorkspace } from "./workspace.ts";

type Listed = AnswerOf<"/customers">;
type Customer = Listed["data"][number];

const PAGE = 50;
/** What the API sorts by. */
const SORTS = ["firstTouchAt", "lastSeenAt", "sales", "ltv"];

/** How somebody is called: their name, or what else is known of them. */
export const calledOf = ({ name, email, externalId, id }: Pick<Customer, "name" | "email" | "externalId" | "id">): string =>
  name ?? email ?? externalId ?? id;

function Row({ customer }: { readonly customer: Customer }) {
  const { dates } = useWorkspace();
  const called = calledOf(customer);
  const second = [customer.email, customer.externalId].find((each) => each !== null && each !== called) ?? "";
  return (
    <tr>
      <th scope="row" class="held who-cell" data-value={called}>
        <a class="who" href={toHref(`/app/customers/${customer.id}`)} title={called}>
          <b>
            <bdi>{called}</bdi>
          </b>
          <span>
            <bdi>{second}</bdi>
          </span>
        </a>
      </th>
      <td class="name wide">
        <Name text={customer.source} />
      </td>
      <td class="name soft wide">
        <Name text={customer.campaign} />
      </td>
      <td class="n wide" data-value={dates.plain(customer.firstTouchAt)}>
        {dates.day(customer.firstTouchAt)}
      </td>
      <td class="n wide" data-value={dates.plain(customer.lastSeenAt)}>
        {dates.day(customer.lastSeenAt)}
      </td>
      <td class="n" data-value={customer.sales}>
        {count(customer.sales)}
      </td>
      <td class="n wide" data-value={customer.lastSaleAt === null ? "" : dates.plain(customer.lastSaleAt)}>
        {dates.day(customer.lastSaleAt)}
      </td>
      <td class="n" data-value={customer.ltv}>
        <b>{money(customer.ltv, customer.currency)}</b>
      </td>
    </tr>
  );
}

function Table({ customers, order }: { readonly customers: readonly Customer[]; readonly order: Order }) {
  const words = WORDS.customers.columns;
  const sort = ({ by, isAscending }: Order) =>
    setQuery({ sortBy: by, sortOrder: isAscending ? "asc" : undefined, cursor: undefined }, { replace: true });
  const sorting = (field: string) => (SORTS.includes(field) ? { field, order, sort } : {});
  return (
    <section class="scroll" aria-label={WORDS.customers.title}>
      <table>
        <caption class="hidden">{WORDS.customers.title}</caption>
        <thead>
          <tr>
            <Head name={words.customer} kind="held who-cell" />
            <Head name={words.source} section="s6" kind="wide" />
            <Head name={words.campaign} section="s6" kind="wide" />
            <Head name={words.firstTouchAt} section="s6" kind="wide" isNumber {...sorting("firstTouchAt")} />
            <Head name={words.lastSeenAt} section="s6" kind="wide" isNumber {...sorting("lastSeenAt")} />
            <Head name={words.sales} section="s4" isNumber {...sorting("sales")} />
            <Head name={words.lastSaleAt} section="s4" kind="wide" isNumber />
            <Head name={words.ltv} section="s4" isNumber {...sorting("ltv")} />
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <Row key={customer.id} customer={customer} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Customers() {
  const { query } = useAddress();
  const { today } = useWorkspace();
  const { range } = useRange();
  const within = useRef<HTMLDivElement>(null);
  const order: Order = { by: query.get("sortBy") ?? "ltv", isAscending: query.get("sortOrder") === "asc" };
  const filters = toFilters(query, range);
  const sorting = { sortBy: order.by, sortOrder: order.isAscending ? "asc" : "desc" };
  const cursor = query.get("cursor") ?? undefined;
  const answer = useAnswer<Listed>(toUrl("/customers", { limit: PAGE, ...sorting, cursor, ...filters }));
  const all = useAnswer<AnswerOf<"/customers/count">>(toUrl("/customers/count"));
  const dates = rangeDates(range, today);
  return (
    <div ref={within}>
      <h1>{WORDS.customers.title}</h1>
      <p class="intro" role="status">
        {answer.body ? WORDS.customers.match(answer.body.pagination.total, all.body?.data.count) : WORDS.loading}
        {answer.body && dates !== "" ? `, ${WORDS.customers.firstSeen(dates)}` : ""}
        {answer.body ? "." : ""}
      </p>
      <div class="tools">
        <CustomerFilters />
        <span class="end">
          <ExportMenu name="customers" within={within} csv={toUrl("/customers", { ...sorting, ...filters, format: "csv" })} />
        </span>
      </div>
      <When answer={answer} rows={14}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <p class="empty">
              {WORDS.customers.none}{" "}
              {hasFilters(query) ? (
                <button type="button" class="link" onClick={clearFilters}>
                  {WORDS.customers.clear}
                </button>
              ) : null}
            </p>
          ) : (
            <>
              <Table customers={data} order={order} />
              <div class="pages">
                {cursor === undefined ? null : (
                  <button type="button" class="button" onClick={() => setQuery({ cursor: undefined })}>
                    {WORDS.customers.first}
                  </button>
                )}
                {pagination.nextCursor === null ? null : (
                  <button type="button" class="button" onClick={() => setQuery({ cursor: pagination.nextCursor ?? undefined })}>
                    {WORDS.customers.next}
                  </button>
                )}
              </div>
            </>
          )
        }
      </When>
    </div>
  );
}
