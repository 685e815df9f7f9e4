/**
 * A 12-bit JPEG (T.81, extended sequential) of one row of flat 8 × 8 blocks: DC coefficients alone, quantised by 1, so
 * that decoding gives the levels exactly. No library here encodes 12 bits.
 */
export function encodeFlatJpeg12(levels: readonly number[]): Uint8Array {
  const columns = levels.length * 8;
  const segment = (marker: number, bytes: readonly number[]): number[] => [
    0xff,
    marker,
    (bytes.length + 2) >> 8,
    (bytes.length + 2) & 255,
    ...bytes,
  ];
  // DC: the 16 categories all in 5 bits, code = category. AC: end of block alone, in 1 bit.
  const dcCounts = [0, 0, 0, 0, 16, ...new Array<number>(11).fill(0)];
  const acCounts = [1, ...new Array<number>(15).fill(0)];
  const bits: number[] = [];
  let previous = 0;
  for (const level of levels) {
    const coefficient = 8 * (level - 2048);
    const difference = coefficient - previous;
    previous = coefficient;
    const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
    push(bits, category, 5);
    push(bits, difference < 0 ? difference + 2 ** category - 1 : difference, category);
    push(bits, 0, 1);
  }
  while (bits.length % 8 !== 0) bits.push(1);
  const scan: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    const byte = bits.slice(at, at + 8).reduce((sum, bit) => sum * 2 + bit, 0);
    scan.push(byte);
    if (byte === 0xff) scan.push(0);
  }
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xdb, [0, ...new Array<number>(64).fill(1)]),
    ...segment(0xc1, [12, 0, 8, columns >> 8, columns & 255, 1, 1, 0x11, 0]),
    ...segment(0xc4, [0x00, ...dcCounts, ...Array.from({ length: 16 }, (_, category) => category)]),
    ...segment(0xc4, [0x10, ...acCounts, 0]),
    ...segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    ...scan,
    0xff,
    0xd9,
  ]);
}

function push(bits: number[], value: number, count: number): void {
  for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
}
