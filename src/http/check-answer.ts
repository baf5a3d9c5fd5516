// Does an answer match what its endpoint declares?
import { check } from "./check.ts";
import type { Answer, Endpoint } from "./endpoint.ts";

/** Throws an Error with the fields, but not the values, in which an answer differs from its schema. */
export function checkAnswer({ method, path, answers }: Endpoint, { status, body, json }: Answer): void {
  if (status === 304) return;
  const schema = answers[status];
  if (!schema) throw new Error(`${method} ${path} answered ${status}, which it does not declare.`);
  const checked = check(schema, JSON.parse(json ?? JSON.stringify(body)));
  if ("details" in checked)
    throw new Error(
      `${method} ${path} answered ${status} against its schema: ${checked.details.map((each) => `${each.path} ${each.message}`).join("; ")}`,
    );
}
