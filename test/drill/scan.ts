// Can a word still be found in the bytes of files: as it is, in any case, in base64 or in hexadecimal?
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** All files below a folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

/** The forms of a word (ASCII) to search for, in lower-cased bytes and in the original bytes. */
function formsOf(word: string): { folded: string[]; exact: string[] } {
  const bytes = Buffer.from(word);
  // In base64 a word looks different at each of three places; the characters at its ends depend on its neighbours.
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return text.slice(offset === 0 ? 0 : 4, Math.floor((offset + bytes.length) / 3) * 4);
  });
  return { folded: [word.toLowerCase(), bytes.toString("hex")], exact: base64 };
}

function countIn(content: Buffer, form: string): number {
  let count = 0;
  for (let at = content.indexOf(form, 0, "latin1"); at >= 0; at = content.indexOf(form, at + 1, "latin1")) count += 1;
  return count;
}

/** How often the words occur in the files, and in which file first. */
export function hitsIn(files: readonly string[], words: readonly string[]): { hits: number; where: string } {
  const forms = words.map(formsOf);
  let hits = 0;
  let where = "";
  for (const file of files) {
    const content = readFileSync(file);
    const folded = Buffer.from(content.toString("latin1").toLowerCase(), "latin1");
    for (const { folded: inFolded, exact } of forms) {
      const found =
        inFolded.reduce((sum, form) => sum + countIn(folded, form), 0) + exact.reduce((sum, form) => sum + countIn(content, form), 0);
      if (found > 0 && where === "") where = file;
      hits += found;
    }
  }
  return { hits, where };
}
