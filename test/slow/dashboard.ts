// How is the dashboard looked at in a real browser? Chromium without a network; whatever the page complains of is collected.
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "./browser.ts";

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
  // Nobody but this machine is there.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

const axe = await Bun.file(`${import.meta.dir}/../../node_modules/axe-core/axe.min.js`).text();

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
}

export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, failed requests and violations of the policy. */
  readonly complaints: string[];
  /** Requests to anybody but the server. */
  readonly strangers: string[];
  /** Goes to a screen, and waits until it has what it shows. */
  show(path: string): Promise<void>;
  /** What axe-core finds, each with the first place. */
  findFaults(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("There is no Chromium here: install Debian's chromium.");
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

function watch(context: BrowserContext, base: string, complaints: string[], strangers: string[]): void {
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => void complaints.push(`exception: ${error.error().message}`));
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${base}/`) && !/^(blob|data):/.test(url)) strangers.push(url);
  });
}

/** Waits until no part of a screen is on its way. (The policy forbids what waits for an expression in the page.) */
export async function isReady(page: Page): Promise<void> {
  const waiting = page.locator(".bones, [aria-busy=true]");
  for (const until = performance.now() + 20_000; (await waiting.count()) > 0; await Bun.sleep(20))
    if (performance.now() > until) throw new Error(`The screen is still loading: ${page.url()}`);
}

/** Opens a window on the server at `base`, signed in with the key unless it is absent. */
export async function openVisit(browser: Browser, base: string, key: string | undefined, look: Look = {}): Promise<Visit> {
  const { width = 1280, height = 900, scheme = "light", reducedMotion = false, forcedColors = false } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    forcedColors: forcedColors ? "active" : "none",
    acceptDownloads: true,
  });
  const complaints: string[] = [];
  const strangers: string[] = [];
  watch(context, base, complaints, strangers);
  if (key !== undefined) {
    const response = await context.request.post(`${base}/session`, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok()) throw new Error(`The browser could not sign in: ${await response.text()}`);
  }
  const page = await context.newPage();
  return {
    page,
    complaints,
    strangers,
    async show(path) {
      await page.goto(`${base}${path}`);
      await page.locator("h1").first().waitFor({ state: "attached" });
      await isReady(page);
    },
    async findFaults() {
      await page.evaluate(axe);
      return page.evaluate<string[]>(
        `axe.run().then(({ violations }) => violations.map(({ id, help, nodes }) => id + ": " + help + " (" + nodes.length + "): " + nodes[0].html.slice(0, 160)))`,
      );
    },
    close: () => context.close(),
  };
}
