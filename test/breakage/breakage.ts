// What is a breakage? An edit of the code that breaks a rule, so that some test must fail.

export interface Breakage {
  /** The section of the definitions; undefined: a rule of the code. */
  readonly section: number | undefined;
  readonly what: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The tests that must fail: arguments of `bun test`. */
  readonly tests: readonly string[];
}
