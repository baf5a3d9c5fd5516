// How is a file brought in? It is chosen or dropped, looked at, and then imported, each with the key. Nothing is written before that is asked for.
import { useEffect, useState } from "preact/hooks";
import type { AnswerOf, DataOf } from "./answers.ts";
import { get, Problem, send, toUrl } from "./api.ts";
import { count, money, plainDay } from "./format.ts";
import { KeyDialog } from "./key-dialog.tsx";
import { forgetAnswers } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

export type Import = DataOf<"/imports/{id}">;

/** How often the server is asked how far an import is. */
const LOOK_EVERY_MS = 500;
const UNDER_WAY: readonly string[] = ["reading", "writing", "undoing"];
export const isUnderWay = ({ state }: Import): boolean => UNDER_WAY.includes(state);

/** Follows an import until it has ended; `seen` is told how far it is. */
export function useProgress(id: number | undefined, seen: (found: Import) => void): void {
  useEffect(() => {
    if (id === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () =>
      get<AnswerOf<"/imports/{id}">>(toUrl("/imports/{id}", {}, { id: String(id) }))
        .then(({ data }) => {
          seen(data);
          return isUnderWay(data);
        })
        .catch(() => true) // the next time tells
        .then((goesOn) => {
          if (goesOn) timer = setTimeout(look, LOOK_EVERY_MS);
        });
    timer = setTimeout(look, LOOK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [id]);
}

/** What a file needs besides itself, if it is of Shopify or of no format that is known. */
interface Options {
  readonly shop: string;
  readonly map: string;
}

async function upload(file: File, { shop, map }: Options, dryRun: boolean, key: string): Promise<Import> {
  const query = { name: file.name, dryRun, shop: shop || undefined, map: map || undefined };
  const response = await send("POST", toUrl("/imports", query), { key, file });
  return ((await response.json()) as AnswerOf<"/imports/{id}">).data;
}

export function Progress({ found }: { readonly found: Import }) {
  const words = WORDS.data.files;
  return (
    <p role="status" class="after">
      {words.states[found.state]} <progress max={1} {...(found.progress !== null && { value: found.progress })} aria-label={found.name} />{" "}
      <span class="soft">{words.rows(found.rows)}</span>
    </p>
  );
}

/** What a dry run found, in the words of somebody who decides whether to go on. */
function Report({ found }: { readonly found: Import }) {
  const words = WORDS.data.files;
  const { found: more } = found;
  const day = (at: string | null) => (at === null ? "–" : plainDay(at.slice(0, 10)));
  return (
    <>
      <dl class="facts after">
        {(["recorded", "duplicates", "conflicts", "refused", "ignored"] as const).map((field) => (
          <div key={field}>
            <dt>{words.report[field]}</dt>
            <dd data-field={field}>{count(found[field])}</dd>
          </div>
        ))}
        {more?.sums.map(({ currency, sales, value, refunded }) => (
          <div key={currency}>
            <dt>{words.sum(currency)}</dt>
            <dd data-field={currency}>
              {words.sales(sales, money(value, currency))}
              {refunded > 0 ? words.refunded(money(refunded, currency)) : ""}
            </dd>
          </div>
        ))}
        {more ? (
          <>
            <div>
              <dt>{words.period}</dt>
              <dd>{`${day(more.firstAt)} – ${day(more.lastAt)}`}</dd>
            </div>
            <div>
              <dt>{words.people}</dt>
              <dd data-field="people">{words.peopleFound(more.newCustomers, more.knownCustomers, more.movedCustomers)}</dd>
            </div>
          </>
        ) : null}
      </dl>
      {more?.lacksRates.map(({ currency, sales }) => (
        <p class="note" key={currency}>
          {words.lacksRate(currency, sales)}
        </p>
      ))}
      {found.unnamedSales.map(({ currency, sales, value, lines }) => (
        <p class="note" key={currency}>
          {words.unnamed(sales, money(value, currency), lines)}
        </p>
      ))}
      <ul class="soft">
        {found.reasons.map(({ result, reason, count: rows, line }) => (
          <li key={`${result} ${reason}`}>{words.reason(rows, reason, line)}</li>
        ))}
        {found.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </>
  );
}

/** The way of a file from a choice to the figures. `changed`: an import has begun or ended. */
export function ImportFile({ knownKey, changed }: { readonly knownKey?: string | undefined; readonly changed?: (found: Import) => void }) {
  const { reload } = useWorkspace();
  const words = WORDS.data.files;
  const [file, setFile] = useState<File | undefined>();
  const [options, setOptions] = useState<Options>({ shop: "", map: "" });
  const [isOver, setOver] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [key, setKey] = useState(knownKey);
  const [found, setFound] = useState<Import | undefined>();
  const [said, setSaid] = useState("");
  useProgress(found && isUnderWay(found) ? found.id : undefined, (seen) => {
    setFound(seen);
    if (isUnderWay(seen)) return;
    changed?.(seen);
    if (seen.state === "done" || seen.state === "failed") {
      forgetAnswers();
      reload();
    }
  });
  const choose = (chosen: File | null | undefined) => {
    setFile(chosen ?? undefined);
    setFound(undefined);
    setSaid("");
  };
  const begin = async (withKey: string, dryRun: boolean) => {
    if (file === undefined) return;
    setSaid(words.sending);
    try {
      const begun = await upload(file, options, dryRun, withKey);
      setFound(begun);
      setKey(withKey);
      changed?.(begun);
    } finally {
      setSaid("");
    }
  };
  const go = (dryRun: boolean) => {
    if (key === undefined) return setAsking(true);
    begin(key, dryRun).catch((error) => {
      if (error instanceof Problem && error.status === 403) setAsking(true);
      setSaid(error instanceof Error ? error.message : String(error));
    });
  };
  const isChecked = found?.state === "checked";
  const isFree = file !== undefined && (found === undefined || !isUnderWay(found)) && said !== words.sending;
  const field = (name: keyof Options) => (
    <span class="stack">
      <label for={`import-${name}`}>{words[name].label}</label>
      <input
        id={`import-${name}`}
        placeholder={words[name].example}
        value={options[name]}
        onInput={(event) => setOptions({ ...options, [name]: event.currentTarget.value.trim() })}
      />
    </span>
  );
  return (
    <>
      <label
        class={`drop after ${isOver ? "over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          choose(event.dataTransfer?.files[0]);
        }}
      >
        <span>{words.drop}</span>
        <input type="file" onChange={(event) => choose(event.currentTarget.files?.[0])} />
      </label>
      {file === undefined ? null : (
        <>
          <p class="after">
            <b>
              <bdi>{file.name}</bdi>
            </b>{" "}
            <span class="soft">{words.size(file.size)}</span>
          </p>
          {/\.(nd)?jsonl?(\.gz)?$/i.test(file.name) ? null : (
            <div class="fields after">
              {field("shop")}
              {field("map")}
            </div>
          )}
          <p class="after">
            <button type="button" class={`button ${isChecked ? "" : "strong"}`} disabled={!isFree} onClick={() => go(true)}>
              {words.check}
            </button>{" "}
            {isChecked ? (
              <button type="button" class="button strong" disabled={!isFree} onClick={() => go(false)}>
                {words.go(found.recorded)}
              </button>
            ) : null}
          </p>
        </>
      )}
      <p role="alert" class={said === words.sending ? "soft" : "error"}>
        {said}
      </p>
      {found === undefined ? null : isUnderWay(found) ? (
        <Progress found={found} />
      ) : (
        <>
          <p class="after" role="status">
            <b>{words.ended[found.state] ?? words.states[found.state]}</b> {found.problem ?? ""}
          </p>
          <Report found={found} />
        </>
      )}
      {isAsking ? (
        <KeyDialog
          title={words.check}
          scope="conversions:write"
          button={words.check}
          work={(asked) => begin(asked, true)}
          close={() => setAsking(false)}
        >
          <p class="soft">{words.kept}</p>
        </KeyDialog>
      ) : null}
    </>
  );
}
