// Promise: nothing is revealed that should not be. Every route is tried with every kind of key.
import { askAll } from "../http/matrix.ts";
import type { Drill } from "./drill.ts";

export const access: Drill = {
  name: "access",
  promise: "nothing comes out that should not",
  rounds: { full: 1, quick: 1 },
  async run() {
    const { routes, cells, faults } = await askAll();
    return { figures: { routes, cells }, faults: faults.slice(0, 10) };
  },
};
