/**
 * Inferno (van der Walt and Smith 2015): ever brighter, and told apart with any kind of colour vision and in grey. Nine of its colours, between
 * which others are mixed.
 */
const INFERNO: readonly (readonly [number, number, number])[] = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

/** The colour of a value from 0 to 1, as 8-bit red, green and blue. */
export function heatColour(value: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, value)) * (INFERNO.length - 1);
  const below = Math.min(INFERNO.length - 2, Math.floor(at));
  const share = at - below;
  return INFERNO[below].map((from, channel) =>
    Math.round(from + share * (INFERNO[below + 1][channel] - from)),
  ) as [number, number, number];
}
