// Is the process up, and does the database answer?
import { Type } from "@sinclair/typebox";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { success } from "./wire.ts";

const Status = success(Type.Object({ status: Type.Literal("ok") }));

export function healthEndpoints({ database }: Pick<Context, "database">): Endpoint[] {
  const probe = database.sqlite.prepare("SELECT count(*) FROM setting");
  const common = {
    method: "GET",
    scope: "open",
    tag: "Health",
    answers: { 200: Status },
    examples: { answer: { success: true, data: { status: "ok" } } },
  } as const;
  return [
    endpoint({ ...common, path: "/healthz", summary: "Is the process up?", handle: () => ok({ status: "ok" }) }),
    endpoint({
      ...common,
      path: "/readyz",
      summary: "Does the database answer?",
      errors: ["SERVICE_UNAVAILABLE"],
      handle: () => {
        probe.get();
        return ok({ status: "ok" });
      },
    }),
  ];
}
