/** Half precision (IEEE 754 binary16), as weights and features are stored. */

const wide = new Float32Array(1);
const bits = new Uint32Array(wide.buffer);
let decoded: Float32Array | undefined;

/** Rounds to the nearest half, ties to even; too large becomes infinity. */
export function toHalf(value: number): number {
  wide[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  const mantissa = x & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
  const unbiased = exponent - 112;
  if (unbiased >= 31) return sign | 0x7c00;
  if (unbiased <= 0) {
    if (unbiased < -10) return sign;
    return sign | roundShift(mantissa | 0x800000, 14 - unbiased);
  }
  // A carry out of the mantissa lands in the exponent, where it belongs.
  return sign + (unbiased << 10) + roundShift(mantissa, 13);
}

function roundShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const kept = Math.floor(value / 2 ** shift);
  const rest = value - kept * 2 ** shift;
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Halves of the values of `source`. */
export function encodeHalf(
  source: Float32Array,
  into: Uint16Array = new Uint16Array(source.length),
): Uint16Array {
  for (let i = 0; i < source.length; i++) into[i] = toHalf(source[i]);
  return into;
}

/** The values of the halves in `source`; all 65,536 of them are worked out once. */
export function decodeHalf(
  source: Uint16Array,
  into: Float32Array = new Float32Array(source.length),
): Float32Array {
  decoded ??= Float32Array.from({ length: 65_536 }, (_, half) => fromHalf(half));
  for (let i = 0; i < source.length; i++) into[i] = decoded[source[i]];
  return into;
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
