// Promise: no input breaks the server. Valid and invalid requests are generated from its OpenAPI document, and each answer is checked against it.
import { fuzz as send, shareOfSuccess } from "../fuzz/fuzz.ts";
import { type Drill, Faults } from "./drill.ts";

/** With at least so many requests, every documented status must occur. */
const ENOUGH = 50_000;
const LEAST_SUCCESS = 0.3;
/** What takes a body of 1 GiB, and the same Idempotency-Key once more after the endpoint that it made was deleted. `every-status.test.ts` has both. */
const TOO_RARE = ["POST /imports 413", "POST /webhook-endpoints 404"];

export const fuzz: Drill = {
  name: "fuzz",
  promise: "no input breaks it",
  rounds: { full: 100_000, quick: 600 },
  async run({ rounds, seed }) {
    const found = await send(rounds, seed);
    const faults = new Faults();
    faults.addAll(found.faults);
    const share = shareOfSuccess(found);
    faults.unless(share >= LEAST_SUCCESS, `only ${(share * 100).toFixed(1)} % were answered 2xx`);
    if (rounds >= ENOUGH) faults.addAll(found.unseen.filter((each) => !TOO_RARE.includes(each)).map((each) => `${each} was not seen`));
    const statuses = [...found.byStatus].sort(([one], [other]) => one - other).map(([status, count]) => `${status}: ${count}`);
    const figures = {
      requests: found.requests,
      success: `${(share * 100).toFixed(1)} %`,
      answers: `{${statuses.join(", ")}}`,
      unseen: found.unseen.length,
    };
    return { figures, faults: faults.list };
  },
};
