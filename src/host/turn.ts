// How does long work let requests come in between? It asks, after each small part, whether its turn is over.

/** How long work may hold the thread before others get their turn. */
const TURN_MS = 8;

/** Makes a function that tells whether this turn has lasted too long. Then the caller pauses: `if (isOver()) await nextTurn();`. */
export function openTurn(mostMs: number = TURN_MS): () => boolean {
  let until = performance.now() + mostMs;
  return () => {
    const now = performance.now();
    if (now < until) return false;
    until = now + mostMs; // the pause is a moment; at worst the next turn is a little shorter
    return true;
  };
}

/** Resolves after everything that waits has had its turn. */
export const nextTurn = (): Promise<void> => new Promise((resume) => setTimeout(resume, 0));
