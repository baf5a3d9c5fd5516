// What must be said with an answer, so that nobody quotes a partial month as a whole one? Range, currency, zone, and what is unfinished.

type Fields = Readonly<Record<string, unknown>>;

const MOST_NAMED = 24;

const toFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const toList = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(toFields) : []);
const toText = (value: unknown): string => (typeof value === "string" ? value : "");

function rangeOf(data: Fields): string {
  if (typeof data.months === "number") return `Acquisition months: the ${data.months} up to ${toText(data.end)}.`;
  if (!("start" in data) && !("end" in data)) return "";
  const [start, end] = [toText(data.start), toText(data.end)];
  if (start === "" && end === "") return "Range: all time.";
  return `Range: from ${start || "the beginning"} to before ${end || "now"}.`;
}

/** A list of names, cut after the first ones. */
function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

/** Cells of curves that are not complete, and rows whose time is not over at `now` (milliseconds since 1970 UTC). */
function unfinishedOf(data: Fields, now: number): string {
  const curves = toList(data.cohorts).flatMap((row) =>
    toList(row.periods).flatMap(({ period, status }) => (status === "partial" ? [`${toText(row.cohort)} period ${String(period)}`] : [])),
  );
  if (curves.length > 0) return `Unfinished cells, which are still growing: ${named(curves)}. Cells with status future hold no figures.`;
  const rows = [...toList(data.cohorts), ...(typeof data.months === "number" ? [] : toList(data.periods))];
  const open = rows.filter(({ end }) => Date.parse(toText(end)) > now).map((row) => toText(row.cohort ?? row.period));
  return open.length > 0 ? `Not over yet, so not comparable with whole ones: ${named(open)}.` : "";
}

function unconvertedOf(data: Fields): string {
  const sales = toList(data.unconverted).map(({ currency, sales }) => `${String(sales)} in ${toText(currency)}`);
  return sales.length > 0 ? `Not in any figure, for lack of an exchange rate: sales ${named(sales)}.` : "";
}

/**
 * What a reader must know about an answer, in sentences. `body` is the whole answer; `behind` is how many entries it lacks.
 * `workspace` fills in what the answer does not say of itself.
 */
export function readingNote(
  body: unknown,
  behind: string | undefined,
  workspace: { currency: string; timezone: string; now: number },
): string {
  const { data, pagination } = toFields(body);
  const fields = toFields(data);
  const { total, page, totalPages } = toFields(pagination);
  const more = fields.more;
  return [
    rangeOf(fields),
    `Money is in ${toText(fields.currency) || workspace.currency}, in major units. Days, weeks and months are those of ${toText(fields.timezone) || workspace.timezone}.`,
    unfinishedOf(fields, workspace.now),
    unconvertedOf(fields),
    typeof more === "number" && more > 0 ? `${more} further rows are left out; the totals include them.` : "",
    typeof total === "number" ? `${total} in all${typeof page === "number" ? `, page ${page} of ${String(totalPages)}` : ""}.` : "",
    behind === undefined ? "" : `${behind} entries that were recorded lately are not in it yet.`,
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}
