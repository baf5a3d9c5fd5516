// How is a list sorted, and where in this order does a page begin?

/** The sorts of a list: an integer of each customer, and the index in its order. */
export const SORTS = {
  createdAt: { value: "c.created_at", index: "customer_by_created_at" },
  firstTouchAt: { value: "c.first_touch_at", index: "customer_first_touch" },
  lastSeenAt: { value: "c.last_seen_at", index: "customer_by_last_seen_at" },
  /** Whoever has no sale comes before everybody who has. */
  lastSaleAt: { value: "coalesce(c.last_sale_at, -1)", index: "customer_by_last_sale_at" },
  ltv: { value: "c.gross_minor - c.refunds_minor", index: "customer_by_ltv" },
  sales: { value: "c.sales", index: "customer_by_sales" },
} as const;
export type SortBy = keyof typeof SORTS;
export type Sort = (typeof SORTS)[SortBy];
export const SORT_NAMES = Object.keys(SORTS) as SortBy[];

export type Direction = "asc" | "desc";
export const opposite = (direction: Direction): Direction => (direction === "asc" ? "desc" : "asc");

/** A position in the order: the sort value (as text, because it can be wider than a double), then the id. */
export interface CursorPosition {
  value: string;
  id: number;
}

/** Fills the hole `sort`. */
export const sortValue = ({ value }: Sort): string => `${value} AS sort_value`;
/** Fills the hole `order`. */
export const orderBy = (direction: Direction): string => `sort_value ${direction}, customer_id ${direction}`;
/** The condition of coming after a position. `bindPosition` binds the position under the same name. */
export const isBeyond = (name: "after" | "end", direction: Direction): string =>
  `(sort_value, customer_id) ${direction === "asc" ? ">" : "<"} (:${name}Value, :${name}Id)`;

/** The condition of coming no later than a position, bound as above. */
export const isUpTo = (name: "end", direction: Direction): string =>
  `(sort_value, customer_id) ${direction === "asc" ? "<=" : ">="} (:${name}Value, :${name}Id)`;

/** The bound values of a position; none if it is undefined. */
export function bindPosition(name: "after" | "end", position: CursorPosition | undefined): Record<string, bigint | number> {
  return position ? { [`${name}Value`]: BigInt(position.value), [`${name}Id`]: position.id } : {};
}
