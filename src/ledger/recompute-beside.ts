// What comes of a customer's whole log? It is read on a connection that only reads, by the same steps as in the pipeline: the tables that they
// write are shadowed by temporary ones of the same names. So a thread can read a very long log beside the requests.
import { requireRow, type Sqlite } from "../../db/connection.ts";
import { type BatchValues, openWholeSteps } from "./pipeline.ts";

/** A customer to recompute. */
export interface RecomputeOrder extends BatchValues {
  readonly customerId: number;
}

/** What the whole log of a stale customer comes to, as JSON, and `mark`: how they were marked as stale then. Undefined: they are not stale. */
export interface Recomputed {
  readonly mark: string;
  /** An object of the derived columns of `customer`. */
  readonly customer: string;
  /** Arrays of rows, in the order of the columns. */
  readonly cells: string;
  readonly unconverted: string;
  /** When they become stale again by themselves, in milliseconds; null: never. */
  readonly dueAt: number | null;
}

/** The columns of `customer` that are not derived from the log. */
const KEPT = ["id", "external_id", "known_email", "known_alias", "created_at", "deleted_at"];
/** It changes whenever the customer is marked as stale again, and nobody but who recomputes them all takes it away meanwhile. */
const MARK = "SELECT json_array(due_at, appended_from, marked_at, changes) FROM main.stale WHERE customer_id = ?";
const SHADOWED = ["customer", "customer_cell", "customer_unconverted", "stale"] as const;

type Columns = Readonly<Record<"customer" | "customer_cell" | "customer_unconverted", readonly string[]>>;

function columnsOf(sqlite: Sqlite): Columns {
  const names = sqlite.prepare<[string], string>("SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid").pluck();
  return {
    customer: names.all("customer").filter((name) => !KEPT.includes(name)),
    customer_cell: names.all("customer_cell"),
    customer_unconverted: names.all("customer_unconverted"),
  };
}

/** Opens it on a connection that has the functions of `sql-functions.ts` and writes nothing but temporary tables. */
export function openRecompute(sqlite: Sqlite): (order: RecomputeOrder) => Recomputed | undefined {
  const columns = columnsOf(sqlite);
  for (const table of SHADOWED) sqlite.exec(`CREATE TEMP TABLE ${table} AS SELECT * FROM main.${table} WHERE false`);
  const runWhole = openWholeSteps({ sqlite });
  const mark = sqlite.prepare<[number], string>(MARK).pluck();
  const fill = [
    sqlite.prepare<[number]>("INSERT INTO temp.batch SELECT ?, NULL"),
    sqlite.prepare<[number]>("INSERT INTO temp.customer SELECT * FROM main.customer WHERE id = ?"),
  ];
  const empty = [...SHADOWED, "batch"].map((table) => sqlite.prepare(`DELETE FROM temp.${table}`));
  const customer = sqlite
    .prepare<[], string>(`SELECT json_object(${columns.customer.map((name) => `'${name}', ${name}`).join(", ")}) FROM temp.customer`)
    .pluck();
  const rowsOf = (table: "customer_cell" | "customer_unconverted") =>
    sqlite.prepare<[], string>(`SELECT json_group_array(json_array(${columns[table].join(", ")})) FROM temp.${table}`).pluck();
  const [cells, unconverted] = [rowsOf("customer_cell"), rowsOf("customer_unconverted")];
  const dueAt = sqlite.prepare<[], number | null>("SELECT min(due_at) FROM temp.stale").pluck();

  return ({ customerId, ...values }) => {
    sqlite.exec("BEGIN"); // all of it is read as of one moment
    try {
      const marked = mark.get(customerId);
      if (marked === undefined) return undefined;
      for (const statement of fill) statement.run(customerId);
      runWhole(values);
      return {
        mark: marked,
        customer: requireRow(customer),
        cells: requireRow(cells),
        unconverted: requireRow(unconverted),
        dueAt: requireRow(dueAt),
      };
    } finally {
      for (const statement of empty) statement.run();
      sqlite.exec("COMMIT");
    }
  };
}

export interface Applying {
  /** How the customer is marked as stale now; undefined: they are not. */
  markOf(customerId: number): string | undefined;
  /** Stores what was recomputed, instead of the pipeline's steps. */
  apply(customerId: number, recomputed: Recomputed): void;
}

/** Opens it on the connection that writes. */
export function openApplying(sqlite: Sqlite): Applying {
  const columns = columnsOf(sqlite);
  const mark = sqlite.prepare<[number], string>(MARK).pluck();
  const setCustomer = sqlite.prepare<[customer: string, id: number]>(
    `UPDATE customer SET (${columns.customer.join(", ")}) = (SELECT ${columns.customer.map((name) => `j.value ->> '$.${name}'`).join(", ")} FROM (SELECT ? AS value) AS j) WHERE id = ?`,
  );
  const replace = (table: "customer_cell" | "customer_unconverted") => {
    const values = columns[table].map((_, index) => `value ->> ${index}`).join(", ");
    const drop = sqlite.prepare<[number]>(`DELETE FROM ${table} WHERE customer_id = ?`);
    const add = sqlite.prepare<[string]>(`INSERT INTO ${table} (${columns[table].join(", ")}) SELECT ${values} FROM json_each(?)`);
    return (customerId: number, rows: string) => {
      drop.run(customerId);
      add.run(rows);
    };
  };
  const [setCells, setUnconverted] = [replace("customer_cell"), replace("customer_unconverted")];
  const schedule = sqlite.prepare<[number, number]>("INSERT INTO stale (customer_id, due_at) VALUES (?, ?)");
  return {
    markOf: (customerId) => mark.get(customerId),
    apply(customerId, { customer, cells, unconverted, dueAt }) {
      setCustomer.run(customer, customerId);
      setCells(customerId, cells);
      setUnconverted(customerId, unconverted);
      if (dueAt !== null) schedule.run(customerId, dueAt);
    },
  };
}
