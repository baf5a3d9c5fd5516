// How is a metric written in the Prometheus text format, version 0.0.4?

export interface Value {
  /** Follows the metric's name: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Sample {
  /** Ends in its base unit, such as `_seconds` or `_bytes`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly values: readonly Value[];
}

export const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

/** A gauge with one value. */
export function gauge(name: string, help: string, value: number): Sample {
  return { name, type: "gauge", help, values: [{ value }] };
}

/** The values of a histogram. `buckets` are the counts of each bucket, not cumulative, with one more bucket than there are `bounds`. */
export function toHistogram(
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  buckets: readonly number[],
  sum: number,
): Value[] {
  let total = 0;
  const cumulative = buckets.map((count, index) => {
    total += count;
    return { suffix: "_bucket", labels: { ...labels, le: String(bounds[index] ?? "+Inf") }, value: total };
  });
  return [...cumulative, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
}

const toLabel = (text: string) => text.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));

/** All samples as text. Samples without values are left out. */
export function toText(samples: readonly Sample[]): string {
  return samples
    .filter(({ values }) => values.length > 0)
    .map(({ name, type, help, values }) => {
      const lines = values.map(({ suffix = "", labels = {}, value }) => {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${toLabel(text)}"`);
        return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
      });
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
    })
    .join("");
}
