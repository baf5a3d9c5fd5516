// How are whole numbers written in few bytes? 7 bits in each byte, the lowest first; the highest bit says that more follow.

const FIRST_BYTES = 64;
/** The most bytes of a number up to 2^53 − 1. */
const MOST_BYTES = 8;

/** Writes numbers from 0 to 2^53 − 1. */
export function openNumberWriter() {
  let room = new Uint8Array(FIRST_BYTES);
  let length = 0;
  const put = (number: number) => {
    if (length + MOST_BYTES > room.length) {
      const more = new Uint8Array(2 * room.length);
      more.set(room);
      room = more;
    }
    let rest = number;
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) room[length++] = (rest % 128) + 128;
    for (; rest >= 128; rest >>>= 7) room[length++] = (rest & 127) | 128; // much faster, for 31 bits
    room[length++] = rest;
  };
  return {
    put,
    /** Writes a number that may be negative, from −2^52 to 2^52. */
    putSigned: (number: number) => put(number < 0 ? -2 * number - 1 : 2 * number),
    length: () => length,
    bytes: () => room.subarray(0, length),
  };
}

/** Reads what was written, in the same order. */
export function openNumberReader(bytes: Uint8Array) {
  let next = 0;
  const take = (): number => {
    let number = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[next++];
      if (byte === undefined) throw new RangeError("The bytes end within a number");
      if (byte < 128) return number + byte * factor;
      number += (byte - 128) * factor;
    }
  };
  return {
    take,
    takeSigned(): number {
      const number = take();
      return number % 2 === 1 ? -(number + 1) / 2 : number / 2;
    },
    isAtEnd: () => next >= bytes.length,
  };
}
