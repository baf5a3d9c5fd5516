// How many of something, in words?

/** `1 customer`, `2000 customers`. `one`: the singular, such as `customer` or `entry`. */
export function toAmount(count: number, one: string): string {
  return `${count} ${count === 1 ? one : one.replace(/y$/, "ie").concat("s")}`;
}
