// Which bodies are expensive to read?
import { many } from "./meetings.ts";

/** Bodies of up to 5 MiB that are expensive to read, as text. */
export function hostileBodies(bytes: number): Readonly<Record<string, string>> {
  const fill = (piece: string) => piece.repeat(Math.floor(bytes / piece.length) - 4);
  const fields = (count: number) => many(count, (index) => `"k${index}":1`).join(",");
  const distinct = Math.floor(bytes / 14);
  return {
    "long numbers": `[${fill("1234567890123456789,")}1]`,
    "long numbers in objects": `[${fill('{"value":1234567890123456789},')}1]`,
    "one long number": `[${"1".repeat(bytes - 4)}]`,
    "unknown fields": `{${fields(distinct)}}`,
    "entries of unknown fields": `[${many(900, (entry) => `{${many(Math.floor(distinct / 900), (index) => `"k${entry}_${index}":1`).join(",")}}`).join(",")}]`,
    "nested lists": "[".repeat(bytes - 4),
    "nested objects": fill('{"a":'),
    "empty objects": `[${fill("{},")}{}]`,
    "a text without an end": `{"type":"${"x".repeat(bytes - 20)}`,
    escapes: `{"type":"${fill("\\u0041").slice(0, bytes - 40)}`,
    "broken at the end": `[${fill('{"type":"click"},')}{]`,
    "broken after lines": `${"\n".repeat(bytes - 4)}{]`,
    spaces: `${" ".repeat(bytes - 4)}[]`,
    texts: `[${fill('"abc",')}""]`,
    "large metadata": `[${fill(`{"type":"lead","externalId":"a","metadata":{"a":"${"b".repeat(16_000)}"}},`)}{}]`,
    "metadata of many fields": `[${fill(`{"type":"lead","externalId":"a","metadata":{${many(1500, (index) => `"${index}":1`).join(",")}}},`)}{}]`,
  };
}
