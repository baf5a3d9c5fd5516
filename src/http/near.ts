// Which known word did the caller mean? The one with the most similar spelling, if one is similar enough.

/** Longer words are not compared. No known word is longer, and comparing costs the product of both lengths. */
const MOST_CHARACTERS = 40;

/** The edit distance of two words: letters changed, added, removed, or swapped with their neighbour. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      let least = Math.min(Number(row[j]) + 1, Number(next[j - 1]) + 1, Number(row[j - 1]) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) least = Math.min(least, Number(before[j - 2]) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return Number(row[other.length]);
}

/** The word without case and separators: `groupBy`, `group-by` and `GROUP_BY` are the same. */
const plain = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** The known word most similar to `word`; undefined if there is none. Short words may have one typo, longer ones two. */
export function findNear(word: string, known: Iterable<string>): string | undefined {
  const meant = plain(word);
  if (meant === "" || word.length > MOST_CHARACTERS) return undefined;
  let nearest: string | undefined;
  let least = meant.length <= 3 ? 0 : meant.length <= 5 ? 1 : 2;
  for (const each of known) {
    const candidate = plain(each);
    if (Math.abs(candidate.length - meant.length) > least) continue;
    const apart = distance(meant, candidate);
    if (apart > least || (apart === least && nearest !== undefined)) continue;
    nearest = each;
    least = apart;
  }
  return nearest;
}

/** `: did you mean group_by?`, to complete a message about an unknown name; empty if no known name is similar. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = findNear(word, known);
  return near === undefined ? "" : `: did you mean ${near}?`;
}
