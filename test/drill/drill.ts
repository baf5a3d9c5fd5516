// What is a drill? A promise of the server, and the worst that can happen to it in a limited time.

/** The parameters of a drill. */
export interface Order {
  /** Determines every choice of the drill: the same seed makes the same choices. */
  readonly seed: number;
  /** The number of kills, images, people and so on, depending on the drill. */
  readonly rounds: number;
  /** An empty directory for the drill, removed afterwards. */
  readonly folder: string;
}

export interface Outcome {
  /** What was done and found, in the order of the printed line. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** How the promise was broken; empty if it was kept. */
  readonly faults: readonly string[];
}

export interface Drill {
  readonly name: string;
  /** The promise, as it is printed. */
  readonly promise: string;
  /** The default number of rounds, and that of the small size. */
  readonly rounds: { readonly full: number; readonly quick: number };
  /** The programs that it needs, with their Debian packages. */
  readonly needs?: Readonly<Record<string, string>>;
  run(order: Order): Promise<Outcome>;
}

/** Collects faults. Of many faults, it only counts the rest. */
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
