// What is a drill? A promise of the server, and the worst that can be done to it in a bounded time.

/** What a drill is run with. */
export interface Order {
  /** Every choice of the drill comes from it: the same seed makes the same choices. */
  readonly seed: number;
  /** How often: kills, images, people, … by the drill. */
  readonly rounds: number;
  /** An empty directory of the drill's own, removed afterwards. */
  readonly folder: string;
}

export interface Outcome {
  /** What was done and found, in the order of the line that is printed. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** In what the promise was not kept; none: it was. */
  readonly faults: readonly string[];
}

export interface Drill {
  readonly name: string;
  /** The promise, as its line says it. */
  readonly promise: string;
  /** Rounds when nothing else is asked for, and in the small size. */
  readonly rounds: { readonly full: number; readonly quick: number };
  /** Programs of the system without which it cannot run, with their Debian package. */
  readonly needs?: Readonly<Record<string, string>>;
  run(order: Order): Promise<Outcome>;
}

/** Collects faults, and stops remembering them one by one when there are many. */
export class Faults {
  readonly list: string[] = [];
  count = 0;

  add(fault: string): void {
    this.count += 1;
    if (this.list.length < 10) this.list.push(fault);
  }

  addAll(faults: readonly string[]): void {
    for (const fault of faults) this.add(fault);
  }

  /** Adds the fault unless `kept`. */
  unless(kept: boolean, fault: string): void {
    if (!kept) this.add(fault);
  }
}
