// POST /demo: fills an empty database with a made-up shop, for somebody who wants to look around first.
import { Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint, ok } from "../../http/endpoint.ts";
import { Count, success } from "../../http/wire.ts";
import { openDemo } from "./fill.ts";

/** Entries within one write: some ten milliseconds, so that the server does not stand still. */
const AT_ONCE = 100;

export function demoEndpoints(context: Context): Endpoint[] {
  const demo = openDemo(context);
  return [
    endpoint({
      method: "POST",
      path: "/demo",
      admission: "conversions:write",
      isSafeToRepeat: true,
      tag: "Intake",
      summary: "Fill an empty database with a made-up shop",
      description:
        "Stores 14 months of a tea shop with 2,000 customers, in small steps, and answers when all reports have them. The database must be empty: without an entry, a customer or a rate. It is an import like any other, so that DELETE /imports/:id takes it back. There is no body.",
      answers: {
        200: success(
          Type.Object({
            entries: { ...Count, description: "How many entries were stored." },
            importId: Type.Integer({ minimum: 1, description: "The import that they are. DELETE /imports/:id takes the shop back." }),
          }),
        ),
      },
      errors: ["CONFLICT"],
      examples: { answer: { success: true, data: { entries: 8731, importId: 1 } } },
      handle: async () => ok(await demo.fill(AT_ONCE)),
    }),
  ];
}
