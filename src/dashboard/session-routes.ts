// POST and DELETE /session: signing in to the dashboard with a key, and signing out. Stored by access/sessions.ts.
import { Type } from "@sinclair/typebox";
import { type Key, SCOPES } from "../access/keyring.ts";
import type { Sessions } from "../access/sessions.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { isSecure, toCookie } from "../http/session-cookie.ts";
import { Count, Instant, success } from "../http/wire.ts";
import { toIso } from "../value/instant.ts";

const Opened = Type.Object({
  scopes: Type.Array(Type.String(), { description: "What the key may do; the session may read as much of it." }),
  expiresAt: { ...Instant, description: "When the session ends by itself." },
});

/** The key that the gate admitted. */
function requireKey(key: Key | undefined): Key {
  if (!key) throw new TypeError("A request without a key was admitted.");
  return key;
}

export function sessionEndpoints(sessions: Sessions, trustProxy: number): Endpoint[] {
  const common = {
    path: "/session",
    admission: "key",
    isOfSession: true,
    isSafeToRepeat: true,
    tag: "Sessions",
    worksWhenFull: true,
  } as const;
  return [
    endpoint({
      ...common,
      method: "POST",
      summary: "Sign in to the dashboard",
      description:
        "Answers with a cookie for 12 hours, with which a browser may read what the key may read. Everything that changes something needs the key itself. The session ends with its key. There is no body.",
      answers: { 200: success(Opened) },
      examples: { answer: { success: true, data: { scopes: ["links:read", "analytics:read"], expiresAt: "2026-03-01T12:00:00.000Z" } } },
      handle({ key, asked }) {
        const { token, expiresAt } = sessions.open(requireKey(key));
        const scopes = SCOPES.filter((scope) => key?.scopes.has(scope));
        return ok({ scopes, expiresAt: toIso(expiresAt) }, {}, { "Set-Cookie": toCookie(token, isSecure(asked, trustProxy)) });
      },
    }),
    endpoint({
      ...common,
      method: "DELETE",
      summary: "Sign out of the dashboard",
      description:
        "Ends the session of the cookie, and removes the cookie. With a key instead of the cookie, it ends all sessions of the key.",
      answers: { 200: success(Type.Object({ ended: { ...Count, description: "How many sessions were ended." } })) },
      examples: { answer: { success: true, data: { ended: 1 } } },
      handle({ key, asked }) {
        return ok({ ended: sessions.end(requireKey(key)) }, {}, { "Set-Cookie": toCookie("", isSecure(asked, trustProxy)) });
      },
    }),
  ];
}
