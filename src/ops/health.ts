// GET /healthz and GET /readyz: is the process up, and does the database answer?
import { Type } from "@sinclair/typebox";
import type { Standby } from "../../db/standby.ts";
import type { Context } from "../context.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Instant, Nullable, success } from "../http/wire.ts";
import { toIso } from "../value/instant.ts";
import type { Backups } from "./backup/schedule.ts";

const Status = success(Type.Object({ status: Type.Literal("ok") }));
const Readiness = success(
  Type.Object({
    status: Type.Literal("ok"),
    backup: Type.Optional(
      Type.Object(
        {
          status: Type.Union([Type.Literal("waiting"), Type.Literal("ok"), Type.Literal("failed")], {
            description: "How the last scheduled backup went",
          }),
          newestAt: Nullable(Instant),
        },
        { description: "Present if backups are scheduled. The server stays ready when a backup fails" },
      ),
    ),
    standby: Type.Optional(
      Type.Object(
        {
          primary: Type.String({ description: "The address of the primary" }),
          asOf: { ...Instant, description: "Everything that the primary had stored by then is here, by its clock" },
        },
        { description: "Present on a standby. It stays ready when the primary is away" },
      ),
    ),
  }),
);

/** The endpoints for load balancers and monitoring. They need no key. */
export function healthEndpoints({
  database,
  backups,
  standby,
}: Pick<Context, "database"> & { readonly backups: Backups; readonly standby: Standby }): Endpoint[] {
  const probe = database.sqlite.prepare("SELECT count(*) FROM setting");
  const common = {
    method: "GET",
    admission: "open",
    uncounted: true,
    tag: "Health",
    answers: { 200: Status },
    examples: { answer: { success: true, data: { status: "ok" } } },
  } as const;
  return [
    endpoint({ ...common, path: "/healthz", summary: "Check that the process is up", handle: () => ok({ status: "ok" }) }),
    endpoint({
      ...common,
      path: "/readyz",
      summary: "Check that the database answers, how the last scheduled backup went, and how far a standby is",
      answers: { 200: Readiness },
      errors: ["SERVICE_UNAVAILABLE"],
      handle: () => {
        probe.get();
        const backup = backups.status();
        const following = standby.following();
        return ok({
          status: "ok",
          ...(backup && { backup: { status: backup.status, newestAt: backup.newestAt === undefined ? null : toIso(backup.newestAt) } }),
          ...(following && { standby: { primary: following.primary, asOf: toIso(following.asOfAt) } }),
        });
      },
    }),
  ];
}
