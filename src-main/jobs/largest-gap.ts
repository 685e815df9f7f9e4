/** The largest absolute difference of two equally long lists; NaN when a NaN is on either side, so it passes no limit. */
export function largestGap(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) return NaN;
  let largest = 0;
  for (let i = 0; i < one.length; i++) {
    const gap = Math.abs(one[i] - other[i]);
    if (Number.isNaN(gap)) return NaN;
    if (gap > largest) largest = gap;
  }
  return largest;
}
