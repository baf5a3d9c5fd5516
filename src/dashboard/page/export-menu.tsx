// What does "Export" offer? The table as CSV of the API and for pasting, the chart as SVG and PNG.
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { send } from "./api.ts";
import { Item, Menu } from "./controls.tsx";
import { copyText, download, svgText, tableText, toPng } from "./export.ts";
import { WORDS } from "./words.ts";

const saveCsv = async (name: string, url: string) => download(`${name}.csv`, await (await send("GET", url)).blob());

/** Saves an answer as CSV. */
export function CsvButton({ name, url }: { readonly name: string; readonly url: string }) {
  const [said, setSaid] = useState<string>(WORDS.menu.csv);
  return (
    <button type="button" class="button" onClick={() => saveCsv(name, url).catch(() => setSaid(WORDS.menu.failed))}>
      {said}
    </button>
  );
}

interface ExportProps {
  /** The beginning of the files' names. */
  readonly name: string;
  /** What contains the table and the chart. */
  readonly within: RefObject<HTMLElement | null>;
  /** The URL of the answer as CSV, if there is one. */
  readonly csv?: string | undefined;
  readonly hasChart?: boolean;
}

/** Copies a text, and says so. */
export function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState<string>(WORDS.menu.copyThis);
  const copy = () =>
    copyText(text).then(
      () => setSaid(WORDS.menu.copied),
      () => setSaid(WORDS.menu.failed),
    );
  return (
    <button type="button" class="button" onClick={copy}>
      {said}
    </button>
  );
}

export function ExportMenu({ name, within, csv, hasChart = false }: ExportProps) {
  const [said, setSaid] = useState("");
  const table = () => within.current?.querySelector("table");
  const chart = () => within.current?.querySelector<SVGSVGElement>(".chart svg.drawing");
  const attempt = async (work: () => unknown, done = "") => {
    try {
      await work();
      setSaid(done);
    } catch (error) {
      setSaid(`${WORDS.menu.failed}: ${error instanceof Error ? error.message : ""}`);
    }
    setTimeout(() => setSaid(""), 4000);
  };
  const copy = async () => {
    const found = table();
    if (found) await copyText(tableText(found));
  };
  const saveSvg = () => {
    const found = chart();
    if (found) download(`${name}.svg`, new Blob([svgText(found)], { type: "image/svg+xml" }));
  };
  const savePng = async () => {
    const found = chart();
    if (found) download(`${name}.png`, await toPng(found));
  };
  return (
    <>
      <span role="status" class="soft">
        {said}
      </span>
      <Menu label={WORDS.menu.export}>
        {csv === undefined ? null : <Item choose={() => attempt(() => saveCsv(name, csv))}>{WORDS.menu.csv}</Item>}
        <Item choose={() => attempt(copy, WORDS.menu.copied)}>{WORDS.menu.copy}</Item>
        {hasChart ? <Item choose={() => attempt(saveSvg)}>{WORDS.menu.svg}</Item> : null}
        {hasChart ? <Item choose={() => attempt(savePng)}>{WORDS.menu.png}</Item> : null}
      </Menu>
    </>
  );
}
