/** Where the run of equal scores around each place of an order begins and ends. */
export function tiesOf(
  order: Uint32Array,
  scores: ArrayLike<number>,
): { starts: Int32Array; ends: Int32Array } {
  const [starts, ends] = [new Int32Array(order.length), new Int32Array(order.length)];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && scores[order[end]] === scores[order[start]]) end++;
    starts.fill(start, start, end);
    ends.fill(end, start, end);
    start = end;
  }
  return { starts, ends };
}
