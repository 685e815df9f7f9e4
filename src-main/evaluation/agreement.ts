/**
 * Cohen's kappa: agreement of two readers beyond what chance gives (Cohen 1960). 1 is full agreement, 0 is chance.
 *
 * @param pairs for each image the class of the first and of the second reader
 * @returns null where it is not defined: no pairs, or both always give the same one class
 */
export function cohenKappa(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length === 0) return null;
  const count = (at: 0 | 1): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const pair of pairs) counts.set(pair[at], (counts.get(pair[at]) ?? 0) + 1);
    return counts;
  };
  const [first, second] = [count(0), count(1)];
  const n = pairs.length;
  const observed = pairs.filter(([a, b]) => a === b).length / n;
  let expected = 0;
  for (const [code, times] of first) expected += (times / n) * ((second.get(code) ?? 0) / n);
  return expected === 1 ? null : (observed - expected) / (1 - expected);
}
