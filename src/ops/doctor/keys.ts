// Do the limits of publishable keys see the visitors, or a proxy in front of them?
import { connectReader } from "../../../db/connection.ts";
import type { Config } from "../../host/config.ts";
import { type Finding, fine, warning } from "./finding.ts";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** Checks that the server knows the addresses of visitors, if there are keys for pages. `now` is in milliseconds. No database has no keys. */
export function lookAtKeys({ databasePath, host, trustProxy }: Config, now: number): Finding[] {
  const subject = "publishable";
  const count = countPublishable(databasePath, now);
  if (count === undefined) return [];
  const keys = `${count} publishable key${count === 1 ? "" : "s"}`;
  if (count > 0 && trustProxy === 0 && !LOOPBACK.has(host))
    return [
      warning(
        subject,
        `pages may use ${keys}, and TRUST_PROXY is 0: behind a proxy, all visitors have the address of the proxy and share its limits`,
        "set TRUST_PROXY to the number of proxies in front of the server; if there is none, nothing needs to be done",
      ),
    ];
  return [fine(subject, count === 0 ? "no page may send entries" : keys)];
}

/** The keys for pages that are valid. Undefined: the database is not there, or cannot be read, which another check tells. */
function countPublishable(path: string, now: number): number | undefined {
  try {
    const sqlite = connectReader(path);
    try {
      const sql =
        "SELECT count(*) FROM api_key WHERE origins IS NOT NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)";
      return Number(sqlite.prepare(sql).pluck().get(now));
    } finally {
      sqlite.close();
    }
  } catch {
    return undefined;
  }
}
