/**
 * RLE Lossless (PS3.5 Annex G): one segment per byte of a sample, most significant byte first, rows packed one by one.
 *
 * @param samples one plane per sample: little-endian bytes, row after row
 */
export function encodeRle(
  samples: readonly Uint8Array[],
  rows: number,
  columns: number,
  bytesPerSample: number,
): Uint8Array {
  const segments = samples.flatMap((plane) =>
    Array.from({ length: bytesPerSample }, (_, byte) =>
      packSegment(plane, rows, columns, bytesPerSample, bytesPerSample - 1 - byte),
    ),
  );
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, segments.length, true);
  let offset = 64;
  segments.forEach((segment, index) => {
    header.setUint32(4 + 4 * index, offset, true);
    offset += segment.length;
  });
  return Buffer.concat([new Uint8Array(header.buffer), ...segments]);
}

function packSegment(
  plane: Uint8Array,
  rows: number,
  columns: number,
  stride: number,
  byte: number,
): Uint8Array {
  const out: number[] = [];
  const row = new Uint8Array(columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) row[x] = plane[(y * columns + x) * stride + byte];
    packRow(row, out);
  }
  if (out.length % 2 === 1) out.push(0);
  return Uint8Array.from(out);
}

/** PackBits: a run of n equal bytes is 257 − n and the byte, n literal bytes are n − 1 and the bytes. */
function packRow(row: Uint8Array, out: number[]): void {
  for (let at = 0; at < row.length;) {
    const run = runLength(row, at);
    if (run > 1) {
      out.push(257 - run, row[at]);
      at += run;
      continue;
    }
    let end = at + 1;
    while (end < row.length && end - at < 128 && runLength(row, end) < 3) end++;
    out.push(end - at - 1, ...row.subarray(at, end));
    at = end;
  }
}

function runLength(row: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < row.length && end - at < 128 && row[end] === row[at]) end++;
  return end - at;
}
