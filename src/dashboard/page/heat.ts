// How deep is the colour of a cell? One of seven fixed classes, from zero to the largest value.

export const CLASSES = 7;

/** Makes the function that gives the class of a value, 0 to 6. Negative values are in the lowest class. */
export function heatScale(values: readonly (number | null)[]): (value: number) => number {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return (value) => (largest === 0 ? 0 : Math.min(CLASSES - 1, Math.max(0, Math.floor((value / largest) * CLASSES))));
}
