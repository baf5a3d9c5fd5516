// How is a test's world verified? Everything brought up to date as a reader would, then recomputed and compared.
import { type Verified, verify } from "../../src/verify/verify.ts";
import type { World } from "../harness.ts";

/** Verifies a world as it stands; `stored`: without asking for reports. */
export async function verifyWorld({ workspace: context, clock, request }: World, what: "all" | "stored" = "all"): Promise<Verified> {
  async function ask(path: string): Promise<unknown> {
    const { status, body } = await request("GET", path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body.error?.code}`);
    return body.data;
  }
  await context.ledger.catchUp();
  return verify({
    database: context.database,
    calendar: context.calendar,
    currency: context.config.currency,
    now: clock.now(),
    ...(what === "all" && { ask }),
  });
}
