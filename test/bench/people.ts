// How fast are the journey and the attribution of one customer, compared with bare reads of the same rows?
import Driver from "better-sqlite3";
import { openAttribution } from "../../src/report/attribution/attribution.ts";
import { openJourney } from "../../src/report/journey/journey.ts";
import { parseCustomerId } from "../../src/value/id.ts";
import { openBench } from "./load.ts";
import { alternate, judge, type Line, timed } from "./measure.ts";
import { openAsk } from "./reports.ts";
import { NAMED } from "./world.ts";

const JOURNEY_COLUMNS = `id, type, at, key, event, click_id, link, campaign, source, medium, url, referrer, event_id, order_id, value, applied_refund_minor, amount_minor,
  currency, status, is_counted, metadata`;
const ATTRIBUTION_COLUMNS = "type, at, key, click_id, link, campaign, source, medium, sale_key, amount_minor, is_counted";
const REPEATS: Readonly<Record<string, number>> = { with_20: 300, with_10000: 1 };

/** Ours: the engine, as the app uses it. The peer: one select of all rows of the customer that the answer needs. */
export async function peopleLines(path: string): Promise<Line[]> {
  const context = openBench(path);
  const bare = new Driver(path, { readonly: true });
  const [journey, attribution] = [openJourney(context), openAttribution(context)];
  const ask = openAsk(context);
  const lines: Line[] = [];
  for (const { externalId, entries } of NAMED) {
    const repeats = REPEATS[externalId] ?? 1;
    const { id } = (await ask(`/customers/ext_${externalId}`)) as { id: string };
    const customerId = parseCustomerId(id) ?? 0;
    const everything = { customerId, startAt: undefined, endAt: undefined, summaryOnly: false, after: undefined };
    const works = {
      "journey, 100 entries a page": [() => journey({ ...everything, limit: 100 }), JOURNEY_COLUMNS, "TRUE"],
      "attribution, last": [() => attribution({ customerId, model: "last", windowDays: 30 }), ATTRIBUTION_COLUMNS, "type IN (0, 2, 4)"],
      "attribution, time_decay": [
        () => attribution({ customerId, model: "time_decay", windowDays: 30 }),
        ATTRIBUTION_COLUMNS,
        "type IN (0, 2, 4)",
      ],
    } as const;
    for (const [what, [ours, columns, condition]] of Object.entries(works)) {
      const select = bare.prepare(`SELECT ${columns} FROM entry WHERE customer_id = ? AND ${condition} ORDER BY at, type, key`);
      const repeated = (work: () => unknown) =>
        timed(async () => {
          for (let count = 0; count < repeats; count++) await work();
        }).then((ms) => ms / repeats);
      const figures = await alternate(
        15,
        () => repeated(ours),
        () => repeated(() => select.all(customerId)),
      );
      const about = {
        part: "reports",
        what: `${what}, of ${entries.toLocaleString("en")} entries`,
        unit: "ms",
        against: "bare select",
      } as const;
      lines.push(judge(about, figures, { of: "share", most: 3 }));
    }
  }
  bare.close();
  await context.close();
  return lines;
}
