/**
 * Kendall's τ-b of two lists (Kendall 1945): pairs in the same order less pairs in the opposite one, ties corrected for. Null where one of
 * the lists is all one value.
 */
export function kendallTau(first: readonly number[], second: readonly number[]): number | null {
  let agreement = 0;
  let inFirst = 0;
  let inSecond = 0;
  for (let i = 0; i < first.length; i++)
    for (let j = 0; j < i; j++) {
      const a = Math.sign(first[i] - first[j]);
      const b = Math.sign(second[i] - second[j]);
      agreement += a * b;
      inFirst += a * a;
      inSecond += b * b;
    }
  return inFirst === 0 || inSecond === 0 ? null : agreement / Math.sqrt(inFirst * inSecond);
}
