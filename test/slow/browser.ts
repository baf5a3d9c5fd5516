// How does a test drive a real browser? Chromium without a network, over the DevTools protocol.

import { rmSync } from "node:fs";
import { temporaryFolder } from "../temporary-folder.ts";

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1200,1600"],
  // Nobody but this machine is there, also under any name that ends in .test.
  "--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export const CHROMIUM: string | undefined =
  Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome") ?? undefined;

export interface Page {
  /** The value of an expression in the page, awaited if it is a promise. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is truthy, and answers it; `true` for an object. */
  until<T>(expression: string): Promise<T>;
  /** URLs of all requests so far. */
  readonly requests: readonly string[];
  /** Errors and warnings of the console, exceptions and refused requests so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Opens a URL in a fresh browser. */
export async function openPage(url: string): Promise<Page> {
  if (CHROMIUM === undefined) throw new Error("There is no Chromium here: install Debian's chromium.");
  const profile = temporaryFolder();
  const child = Bun.spawn([CHROMIUM, ...FLAGS, `--user-data-dir=${profile}`, "about:blank"], { stdout: "ignore", stderr: "pipe" });
  const port = await debuggingPort(child.stderr);
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { type: string; webSocketDebuggerUrl: string }[];
  const target = targets.find(({ type }) => type === "page");
  if (!target) throw new Error("The browser has no page.");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((opened) => socket.addEventListener("open", opened, { once: true }));

  const requests: string[] = [];
  const complaints: string[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else note(message, requests, complaints);
  });
  let lastId = 0;
  const send = async (method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    const id = ++lastId;
    const answered = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answered;
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  for (const domain of ["Network", "Runtime", "Log", "Page"]) await send(`${domain}.enable`);
  await send("Page.navigate", { url });

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = (await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })) as {
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? `The page cannot evaluate ${expression}`);
    return result.value;
  };
  return {
    evaluate,
    async until<T>(expression: string) {
      for (const deadline = performance.now() + 5_000; performance.now() < deadline; await Bun.sleep(25)) {
        // An element cannot be sent over; that it is there can.
        const value = await evaluate<T>(
          `(() => { const found = ${expression}; return typeof found === "object" && found !== null ? true : found; })()`,
        );
        if (value) return value;
      }
      throw new Error(`This did not come true in the page: ${expression}`);
    },
    requests,
    complaints,
    async close() {
      socket.close();
      child.kill();
      await child.exited;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

function note({ method, params = {} }: Message, requests: string[], complaints: string[]): void {
  if (method === "Network.requestWillBeSent") requests.push((params.request as { url: string }).url);
  if (method === "Network.loadingFailed") complaints.push(`failed: ${String(params.errorText)}`);
  if (method === "Runtime.exceptionThrown") complaints.push(`exception: ${JSON.stringify(params.exceptionDetails)}`);
  if (method === "Runtime.consoleAPICalled" && (params.type === "error" || params.type === "warning"))
    complaints.push(`console: ${JSON.stringify(params.args)}`);
  const entry = params.entry as { level: string; text: string; url?: string } | undefined;
  if (method === "Log.entryAdded" && entry && entry.level !== "info" && entry.level !== "verbose")
    complaints.push(`log: ${entry.text} ${entry.url ?? ""}`);
}

/** Chromium says on standard error where its debugger listens. */
async function debuggingPort(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The browser did not start: ${text}`);
    text += decoder.decode(value, { stream: true });
    const port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1];
    if (port === undefined) continue;
    void (async () => {
      while (!(await reader.read()).done);
    })();
    return port;
  }
}
