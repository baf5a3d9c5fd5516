// GET /customers/:id/export: everything that is stored about a person, for an access request.
import type { Context } from "../context.ts";
import { type Endpoint, endpoint } from "../http/endpoint.ts";
import { success } from "../http/wire.ts";
import { toCustomerId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";
import { requireCustomer } from "./find-customer.ts";
import { PersonExport } from "./person-answer.ts";
import { openPersonStream } from "./person-stream.ts";
import { openToCustomer } from "./to-customer.ts";

export function personExportEndpoints(context: Context): Endpoint[] {
  const toCustomer = openToCustomer(context);
  const streamPerson = openPersonStream(context);

  return [
    endpoint({
      method: "GET",
      path: "/customers/:id/export",
      admission: "links:read",
      revenue: true,
      tag: "Customers",
      summary: "Export everything stored about a person",
      description:
        "For access requests. Contains the record, every identifier that leads to it, every profile update, and every entry as stored. It is read and sent in parts, so it can be of any length. If it cannot be finished, because the person is erased meanwhile or the server stops, the connection breaks off: what is whole JSON is complete.",
      answers: { 200: success(PersonExport) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      handle({ params, asked }) {
        const row = requireCustomer(context, params.id ?? "");
        const head = { exportedAt: toIso(context.now()), customer: toCustomer(row) };
        return new Response(asked.method === "HEAD" ? null : streamPerson(row.id, head), {
          headers: {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Disposition": `attachment; filename="${toCustomerId(row.id)}.json"`,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
          },
        });
      },
    }),
  ];
}
