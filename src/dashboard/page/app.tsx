// Which screen is shown, and who is signed in?
import { useEffect, useState } from "preact/hooks";
import { useAddress } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { type Freshness, listen, Problem, signIn, toUrl } from "./api.ts";
import { Attribution } from "./attribution.tsx";
import { Cohorts } from "./cohorts.tsx";
import { Customer } from "./customer.tsx";
import { Customers } from "./customers.tsx";
import { Data } from "./data.tsx";
import { FirstRun } from "./first-run.tsx";
import { Ltv } from "./ltv.tsx";
import { Overview } from "./overview.tsx";
import { Shell, Top } from "./shell.tsx";
import { SignIn } from "./sign-in.tsx";
import { Bones, Trouble } from "./state.tsx";
import { forgetAnswers, useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { computedAt, FIRST_QUESTION, toWorkspace, useWorkspace, WorkspaceProvider } from "./workspace.ts";

type Session = "asking" | "open" | "none";

function Screen({ knownKey }: { readonly knownKey: string | undefined }) {
  const { path } = useAddress();
  const { months } = useWorkspace();
  const [, customer] = /^\/app\/customers\/([^/]+)$/.exec(path) ?? [];
  if (customer !== undefined) return <Customer key={customer} id={decodeURIComponent(customer)} />;
  switch (path) {
    case "/app/cohorts":
      return <Cohorts />;
    case "/app/ltv":
      return <Ltv />;
    case "/app/customers":
      return <Customers />;
    case "/app/attribution":
      return <Attribution />;
    case "/app/data":
      return <Data />;
    default:
      return months.cohorts.length === 0 ? <FirstRun knownKey={knownKey} /> : <Overview />;
  }
}

function Content({ freshness, knownKey }: { readonly freshness: Freshness; readonly knownKey: string | undefined }) {
  const first = useAnswer<AnswerOf<"/customers/cohorts">>(toUrl(FIRST_QUESTION));
  const { path } = useAddress();
  useEffect(() => {
    const screen = Object.entries(SCREEN_TITLES).find(([start]) => path.startsWith(start))?.[1];
    document.title = screen ? `${screen} · ${WORDS.product}` : WORDS.product;
  }, [path]);
  if (first.body === undefined)
    return (
      <>
        <Top />
        <main class="column" id="content">
          {first.problem ? <Trouble problem={first.problem} again={first.again} /> : <Bones />}
        </main>
      </>
    );
  const { data } = first.body;
  const reload = () => {
    forgetAnswers();
    first.again();
  };
  return (
    <WorkspaceProvider value={toWorkspace(data, computedAt(data), reload)}>
      <Shell freshness={freshness}>
        <Screen knownKey={knownKey} />
      </Shell>
    </WorkspaceProvider>
  );
}

const SCREEN_TITLES: Readonly<Record<string, string>> = {
  "/app/cohorts": WORDS.nav.cohorts,
  "/app/ltv": WORDS.nav.ltv,
  "/app/customers": WORDS.nav.customers,
  "/app/attribution": WORDS.nav.attribution,
  "/app/data": WORDS.nav.data,
};

/** The whole page. `givenKey`: the key of the link that the server printed. */
export function App({ givenKey }: { readonly givenKey: string | undefined }) {
  const [session, setSession] = useState<Session>(givenKey === undefined ? "open" : "asking");
  // Kept in memory alone, for the requests that the first run shows.
  const [key, setKey] = useState(givenKey);
  const [refusal, setRefusal] = useState<Problem | undefined>();
  const [freshness, setFreshness] = useState<Freshness>({ behind: 0, asOf: undefined, computedAt: undefined });
  useEffect(() => {
    listen({
      signedOut: () => setSession("none"),
      freshness: (said) =>
        setFreshness((before) => {
          const computedAt = said.computedAt ?? before.computedAt;
          const isSame = before.behind === said.behind && before.asOf === said.asOf && before.computedAt === computedAt;
          return isSame ? before : { ...said, computedAt };
        }),
    });
    if (givenKey === undefined) return;
    signIn(givenKey).then(
      () => setSession("open"),
      (error) => {
        setRefusal(error instanceof Problem ? error : undefined);
        setSession("none");
      },
    );
  }, []);
  if (session === "asking") return <main class="column" aria-busy="true" />;
  if (session === "none")
    return (
      <SignIn
        refusal={refusal}
        done={(signedInWith) => {
          setKey(signedInWith);
          forgetAnswers();
          setRefusal(undefined);
          setSession("open");
        }}
      />
    );
  return <Content freshness={freshness} knownKey={key} />;
}
