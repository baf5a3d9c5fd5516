// What does somebody see whose database is empty? Three ways to the first customers; the page notices by itself when something arrives.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { BASE } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { get, Problem, send, toUrl } from "./api.ts";
import { CopyButton } from "./export-menu.tsx";
import { ImportFile, isUnderWay } from "./import-file.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

const LOOK_EVERY_MS = 2000;

/** A request that works as it stands once the key is filled in. */
const toCurl = (key: string): string =>
  [
    `curl ${location.origin}${BASE}/events \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '{ "type": "sale", "externalId": "user_1",`,
    `        "orderId": "A-1", "value": 49.90 }'`,
  ].join("\n");

/** Asks whether there is a customer, until there is one. While the demo is stored, no answer counts, whenever it was asked for. */
function useArrival(isHeld: RefObject<boolean>, arrived: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (isHeld.current) return;
      get<AnswerOf<"/customers/count">>(toUrl("/customers/count")).then(
        ({ data }) => (data.count > 0 && !isHeld.current ? arrived() : undefined),
        () => undefined, // the next time tells
      );
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}

function Demo({ knownKey, isBusy }: { readonly knownKey: string | undefined; readonly isBusy: RefObject<boolean> }) {
  const { reload } = useWorkspace();
  const [isAsking, setAsking] = useState(false);
  const [said, setSaid] = useState("");
  const words = WORDS.first.demo;
  const fill = async (key: string) => {
    isBusy.current = true;
    setSaid(words.filling);
    try {
      await send("POST", toUrl("/demo"), { key });
      reload();
    } catch (error) {
      isBusy.current = false;
      // A request that takes too long is answered, but its work goes on.
      if (error instanceof Problem && error.status === 503) return;
      setSaid("");
      throw error;
    }
  };
  const begin = () => {
    if (knownKey === undefined) return setAsking(true);
    // A key that may not do this is as good as none.
    fill(knownKey).catch((error) => (error instanceof Problem && error.status === 403 ? setAsking(true) : setSaid(String(error.message))));
  };
  return (
    <section>
      <h2>{words.title}</h2>
      <p class="soft">{words.text}</p>
      <button type="button" class="button strong" disabled={said === words.filling} onClick={begin}>
        {words.button}
      </button>
      <p role="status" class="soft">
        {said}
      </p>
      {isAsking ? (
        <KeyDialog title={words.button} scope="conversions:write" button={words.button} work={fill} close={() => setAsking(false)}>
          <p class="soft">{words.text}</p>
        </KeyDialog>
      ) : null}
    </section>
  );
}

export function FirstRun({ knownKey }: { readonly knownKey: string | undefined }) {
  const { reload } = useWorkspace();
  const isBusy = useRef(false);
  useArrival(isBusy, reload);
  const words = WORDS.first;
  const curl = toCurl(knownKey ?? words.send.yourKey);
  return (
    <>
      <h1>{words.title}</h1>
      <p class="intro">{words.lead}</p>
      <div class="ways">
        <Demo knownKey={knownKey} isBusy={isBusy} />
        <section>
          <h2>{words.file.title}</h2>
          <p class="soft">{words.file.text}</p>
          <ImportFile
            knownKey={knownKey}
            changed={(found) => {
              isBusy.current = !found.dryRun && isUnderWay(found);
            }}
          />
          <p class="soft">{words.file.line}</p>
          <pre>{words.file.command}</pre>
        </section>
        <section>
          <h2>{words.send.title}</h2>
          <p class="soft">{words.send.text}</p>
          <pre>{curl}</pre>
          <CopyButton text={curl} />
          <p class="soft" role="status">
            {words.send.waiting}
          </p>
        </section>
      </div>
    </>
  );
}
