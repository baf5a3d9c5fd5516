// How are the sums of a batch written as bytes, until those of several batches are added to the totals together?
import { openNumberReader, openNumberWriter } from "./number.ts";
import { CREDITED, type CreditSums, FIGURES, fromSpot, isSomething, MINOR, NEVER } from "./sums.ts";

const TOTAL = 0;
const PAIR = 1;
/** Days and days before are written as whole numbers from 0 on. */
const FIRST_DAY = -2;
const NO_DAY = 0;

/** The most bytes of a piece, but for its last sum, so that adding a piece to the totals is a short step. */
const PIECE_BYTES = 4000;

/** How many pieces a report adds to the totals by itself. With more, it is behind. As many take about 20 ms; mostly there are few. */
export const MOST_NOTED = 128;

/** The sums as bytes, in pieces that are added one by one; none if all are 0. */
export function* encodeSums({ parts }: CreditSums): Generator<Uint8Array> {
  let { put, putSigned, bytes, length } = openNumberWriter();
  const endPiece = (): Uint8Array => {
    const piece = bytes();
    ({ put, putSigned, bytes, length } = openNumberWriter());
    return piece;
  };
  const putSpot = (kind: number, spot: number) => {
    const { grouping, key, day } = fromSpot(spot);
    put(kind);
    put(key * 4 + grouping);
    put(day - FIRST_DAY);
  };
  for (const { totals, pairs } of parts) {
    for (const [spot, figures] of totals) {
      if (!isSomething(figures)) continue;
      putSpot(TOTAL, spot);
      for (let place = 0; place < FIGURES; place++) {
        const figure = figures[place] as number;
        if (figure === 0) continue;
        put(place);
        putSigned(figure);
      }
      put(FIGURES);
      if (length() > PIECE_BYTES) yield endPiece();
    }
    for (const [spot, byPrevious] of pairs)
      for (const [previous, counts] of byPrevious) {
        if (!isSomething(counts)) continue;
        putSpot(PAIR, spot);
        put(previous === NEVER ? NO_DAY : previous - FIRST_DAY + 1);
        for (let credited = 0; credited < CREDITED.length; credited++) putSigned(counts[credited] as number);
        if (length() > PIECE_BYTES) yield endPiece();
      }
  }
  if (length() > 0) yield endPiece();
}

/** Adds to the sums what was written as these bytes. */
export function addSums(sums: CreditSums, bytes: Uint8Array): void {
  const { take, takeSigned, isAtEnd } = openNumberReader(bytes);
  while (!isAtEnd()) {
    const kind = take();
    const spot = take();
    const grouping = spot % 4;
    const key = (spot - grouping) / 4;
    const day = take() + FIRST_DAY;
    if (kind === PAIR) {
      const before = take();
      const previous = before === NO_DAY ? NEVER : before - 1 + FIRST_DAY;
      for (let credited = 0; credited < CREDITED.length; credited++) {
        const count = takeSigned();
        if (count !== 0) sums.count(credited, grouping, key, day, previous, count);
      }
      continue;
    }
    for (let place = take(); place < FIGURES; place = take()) {
      const figure = takeSigned();
      if (place >= MINOR) sums.expect(Math.abs(figure));
      const figures = sums.totalOf(grouping, key, day);
      figures[place] = (figures[place] as number) + figure;
    }
  }
}
