// Which files were imported, and how is one of them taken back?
import { useState } from "preact/hooks";
import type { AnswerOf } from "./answers.ts";
import { send, toUrl } from "./api.ts";
import { Head } from "./controls.tsx";
import { count } from "./format.ts";
import { type Import, ImportFile, isUnderWay, Progress, useProgress } from "./import-file.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { When } from "./state.tsx";
import { forgetAnswers, useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

/** How many of the latest imports are shown. */
const SHOWN = 20;
const CAN_BE_UNDONE: readonly string[] = ["done", "failed", "writing"];

function Row({ found, undo }: { readonly found: Import; readonly undo: () => void }) {
  const { dates } = useWorkspace();
  const words = WORDS.data.files;
  const { id, name, format, dryRun, state, createdAt, recorded, duplicates, conflicts, refused } = found;
  return (
    <tr data-import={id}>
      <th scope="row" class="name">
        <bdi title={name}>{name}</bdi>
      </th>
      <td>{format ?? "–"}</td>
      <td data-value={createdAt}>{dates.moment(createdAt)}</td>
      <td data-value={state}>{dryRun ? words.dryRun : words.states[state]}</td>
      {[recorded, duplicates, conflicts + refused].map((value, index) => (
        <td key={index} class="n" data-value={value}>
          {count(value)}
        </td>
      ))}
      <td>
        {!dryRun && CAN_BE_UNDONE.includes(state) ? (
          <button type="button" class="button" onClick={undo}>
            {words.undo} <span class="hidden">{name}</span>
          </button>
        ) : null}
      </td>
    </tr>
  );
}

export function Imports() {
  const { reload } = useWorkspace();
  const answer = useAnswer<AnswerOf<"/imports">>(toUrl("/imports", { limit: SHOWN }));
  const [undoing, setUndoing] = useState<Import | undefined>();
  const [current, setCurrent] = useState<Import | undefined>();
  const words = WORDS.data.files;
  const listed = answer.body?.data ?? [];
  const active = current ?? listed.find(isUnderWay);
  useProgress(active && isUnderWay(active) ? active.id : undefined, (seen) => {
    setCurrent(isUnderWay(seen) ? seen : undefined);
    if (isUnderWay(seen)) return;
    forgetAnswers();
    answer.again();
    reload();
  });
  const undo = async (key: string) => {
    const response = await send("DELETE", toUrl("/imports/{id}", {}, { id: String(undoing?.id) }), { key });
    setCurrent(((await response.json()) as AnswerOf<"/imports/{id}">).data);
    answer.again();
  };
  return (
    <section class="part" aria-labelledby="imports">
      <h2 id="imports">{words.title}</h2>
      <p class="soft">{words.text}</p>
      <ImportFile changed={answer.again} />
      {active && isUnderWay(active) ? <Progress found={active} /> : null}
      <When answer={answer} rows={2}>
        {({ data }) =>
          data.length === 0 ? null : (
            <div class="scroll after">
              <table class="list">
                <caption class="hidden">{words.title}</caption>
                <thead>
                  <tr>
                    <Head name={words.file} />
                    <Head name={words.format} />
                    <Head name={words.when} />
                    <Head name={words.state} />
                    {[words.report.recorded, words.report.duplicates, words.report.refused].map((name) => (
                      <Head key={name} name={name} isNumber />
                    ))}
                    <th scope="col">
                      <span class="hidden">{words.undo}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.map((found) => (
                    <Row key={found.id} found={current?.id === found.id ? current : found} undo={() => setUndoing(found)} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </When>
      {undoing ? (
        <KeyDialog
          title={words.undo}
          scope="conversions:write"
          button={words.undo}
          isDangerous
          work={undo}
          close={() => setUndoing(undefined)}
        >
          <p>{words.confirm(undoing.name, undoing.recorded)}</p>
        </KeyDialog>
      ) : null}
    </section>
  );
}
