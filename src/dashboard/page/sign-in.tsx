// How does somebody sign in? With an API key, which is exchanged for a session.
import { useState } from "preact/hooks";
import { Problem, signIn } from "./api.ts";
import { WORDS } from "./words.ts";

interface SignInProps {
  /** Why the key of the link was refused. */
  readonly refusal: Problem | undefined;
  readonly done: (key: string) => void;
}

export function SignIn({ refusal, done }: SignInProps) {
  const [key, setKey] = useState("");
  const [isWaiting, setWaiting] = useState(false);
  const [said, setSaid] = useState(refusal?.message ?? "");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (key.trim() === "") return setSaid(WORDS.signIn.empty);
    setWaiting(true);
    try {
      await signIn(key.trim());
      done(key.trim());
    } catch (error) {
      setSaid(error instanceof Problem ? error.message : String(error));
      setWaiting(false);
    }
  };
  return (
    <main class="sign-in">
      <span class="brand">{WORDS.product}</span>
      <h1>{WORDS.signIn.title}</h1>
      <p class="soft">{WORDS.signIn.lead}</p>
      <form onSubmit={submit}>
        <label class="stack">
          <span>{WORDS.signIn.key}</span>
          <input
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            value={key}
            aria-describedby="refusal"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p id="refusal" class="error" role="alert">
          {said}
        </p>
        <div>
          <button type="submit" class="button strong" disabled={isWaiting}>
            {WORDS.signIn.button}
          </button>
        </div>
      </form>
      <div class="stack">
        <p class="soft">{WORDS.signIn.where}</p>
        <pre>{WORDS.signIn.command}</pre>
      </div>
    </main>
  );
}
