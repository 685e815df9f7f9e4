/** The smallest whole number from 1 for which something holds that then goes on holding; Infinity beyond a billion. */
export function smallestCount(holds: (count: number) => boolean): number {
  let high = 1;
  while (!holds(high)) {
    high *= 2;
    if (high > 1e9) return Infinity;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Where in (0, 1] a rising function meets zero, times a scale; null where it stays below. */
export function atUnit(rising: (share: number) => number, scale: number): number | null {
  if (rising(1) < 0) return null;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return high * scale;
}
