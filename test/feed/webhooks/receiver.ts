// Who receives webhooks in tests? A server on this machine that answers as it is told and keeps what it was sent.
import { openWorld, type World, type WorldOptions } from "../../harness.ts";

const MOST_STEPS = 200;

export interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: { type: string; timestamp: string; data: Record<string, unknown> & { customer?: Record<string, unknown> | null } };
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How it answers from now on; the default is 200. */
  answer(how: (received: Received) => Response | Promise<Response>): void;
  close(): void;
}

export function openReceiver(): Receiver {
  const received: Received[] = [];
  let respond: (received: Received) => Response | Promise<Response> = () => new Response("ok");
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const text = await request.text();
      const each = { headers: Object.fromEntries(request.headers), text, body: JSON.parse(text) };
      received.push(each);
      return respond(each);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    received,
    answer(how) {
      respond = how;
    },
    close: () => void server.stop(true),
  };
}

export interface Made {
  readonly id: string;
  readonly secret: string;
  readonly state: string;
}

/** A world whose webhooks may reach this machine. */
export const openHooked = (options: WorldOptions = {}): World =>
  openWorld({ ...options, config: { webhookAllowPrivate: true, ...options.config } });

export async function makeEndpoint(
  world: World,
  url: string,
  events: readonly string[],
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Made> {
  const { status, body, text } = await world.request<Made>("POST", "/webhook-endpoints", { url, events, ...more }, headers);
  if (status !== 201) throw new Error(`${status} ${text}`);
  return body.data;
}

/** Derives all and sends until nothing is due. */
export async function settle({ workspace: { ledger, dispatcher } }: World): Promise<void> {
  await ledger.catchUp();
  for (let steps = 0; (await dispatcher.step()) > 0; steps += 1) if (steps > MOST_STEPS) throw new Error("What is due does not end.");
}
