// Between which two numbers does a cut fall, so many above it? Found without sorting all of them.

/**
 * The least of the `above` largest numbers and the largest of the rest; the numbers change places. `above` is more than 0 and less
 * than all. (Hoare's selection, Communications of the ACM 4, 1961, algorithm 65.)
 */
export function cutBetween(numbers: Float64Array, above: number): { last: number; next: number } {
  const place = numbers.length - above; // of `last`, were they sorted
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const pivot = numbers[(low + high) >> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((numbers[left] ?? 0) < pivot) left++;
      while ((numbers[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const moved = numbers[left] ?? 0;
      numbers[left++] = numbers[right] ?? 0;
      numbers[right--] = moved;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else break;
  }
  let next = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < place; index++) if ((numbers[index] ?? 0) > next) next = numbers[index] ?? 0;
  return { last: numbers[place] ?? 0, next };
}
