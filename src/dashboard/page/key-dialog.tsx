// How is something changed from the dashboard? A session only reads, so the dialog asks for a key, and uses it once.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api.ts";
import { WORDS } from "./words.ts";

interface KeyDialogProps {
  readonly title: string;
  readonly scope: string;
  readonly button: string;
  readonly isDangerous?: boolean;
  readonly children?: ComponentChildren;
  /** Makes the change with the key. What it throws is shown, and the dialog stays. */
  readonly work: (key: string) => Promise<unknown>;
  readonly close: () => void;
}

export function KeyDialog({ title, scope, button, isDangerous = false, children, work, close }: KeyDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState("");
  const [said, setSaid] = useState("");
  const [isWaiting, setWaiting] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (key.trim() === "") return setSaid(WORDS.signIn.empty);
    setWaiting(true);
    try {
      await work(key.trim());
      close();
    } catch (error) {
      const details = error instanceof Problem ? error.details.map(({ path, message }) => `${path} ${message}`) : [];
      setSaid([error instanceof Error ? error.message : String(error), ...details].join(" "));
      setWaiting(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <label class="stack">
          <span>
            {WORDS.key.label} <code>{scope}</code>
          </span>
          <input type="password" autocomplete="off" spellcheck={false} value={key} onInput={(event) => setKey(event.currentTarget.value)} />
        </label>
        <p class="soft">{WORDS.key.why}</p>
        <p class="error" role="alert">
          {said}
        </p>
        <div class="row">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {WORDS.key.cancel}
          </button>
          <button type="submit" class={`button ${isDangerous ? "bad" : "strong"}`} disabled={isWaiting}>
            {button}
          </button>
        </div>
      </form>
    </dialog>
  );
}
