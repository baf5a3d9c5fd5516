// How is a number of things written, in the singular or the plural?

/** `1 customer` or `2000 customers`. `one`: the singular, such as `customer` or `entry`. */
export function toAmount(count: number, one: string): string {
  return `${count} ${count === 1 ? one : one.replace(/y$/, "ie").concat("s")}`;
}
