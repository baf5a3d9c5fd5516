// Which ClickHouse does ANALYTICS_URL name? `https://user:password@host:8123/database?cluster=name`.

/** Where the reports about everybody are computed. */
export interface AnalyticsTarget {
  /** Scheme, host and port: `https://host:8123`. */
  readonly url: string;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** The cluster over which the table is spread; undefined: one server. */
  readonly cluster: string | undefined;
}

const NAME = /^[A-Za-z_]\w{0,99}$/;

/** Reads the setting. Throws an Error whose message completes "ANALYTICS_URL must be …". */
export function readAnalyticsUrl(text: string): AnalyticsTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = url?.pathname.slice(1) ?? "";
  const cluster = url?.searchParams.get("cluster") ?? undefined;
  const isKnown = url !== undefined && [...url.searchParams.keys()].every((name) => name === "cluster");
  if (!isKnown || !/^https?:$/.test(url.protocol) || url.hash !== "" || !NAME.test(database) || !NAME.test(cluster ?? "_"))
    throw new Error("the address of a ClickHouse database, such as https://user:password@host:8123/database?cluster=name");
  return {
    url: url.origin,
    database,
    username: decodeURIComponent(url.username) || "default",
    password: decodeURIComponent(url.password),
    cluster,
  };
}
