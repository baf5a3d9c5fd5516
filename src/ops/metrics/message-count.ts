// What became of the messages of Segment's API? Its answers do not say, so they are counted, in memory since the start.
import type { Sample } from "./sample.ts";

export interface CountedMessages {
  /** Counts messages with a result, such as `recorded`. */
  note(result: string, amount: number): void;
  samples(): Sample[];
}

/** Counts that are 0 at first. */
export function openMessageCount(): CountedMessages {
  const counts = new Map<string, number>();
  return {
    note: (result, amount) => void counts.set(result, (counts.get(result) ?? 0) + amount),
    samples: () => [
      {
        name: "regulars_segment_messages_total",
        type: "counter",
        help: "Messages of the Segment API, by what became of them: recorded, duplicate, conflict, ignored or refused.",
        values: [...counts].map(([result, value]) => ({ labels: { result }, value })),
      },
    ],
  };
}
