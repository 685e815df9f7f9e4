import { deflateSync } from 'node:zlib';

/** CRC-32 as PNG uses it (ISO 3309), a table made once. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb8_8320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), out.length - 4);
  return out;
}

/**
 * A PNG file of 8 bits a sample (PNG specification, third edition).
 *
 * @param pixels width × height × samples bytes, row by row, samples interleaved
 * @param samples 1 grey, 3 RGB
 */
export function encodePng(pixels: Uint8Array, width: number, height: number, samples: 1 | 3): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, samples === 1 ? 0 : 2, 0, 0, 0], 8);
  const stride = width * samples;
  // Each row begins with its filter; `up` suits smooth images and costs next to nothing.
  const rows = Buffer.alloc(height * (stride + 1));
  for (let row = 0; row < height; row++) {
    const to = row * (stride + 1);
    rows[to] = row === 0 ? 0 : 2;
    for (let at = 0; at < stride; at++) {
      const above = row === 0 ? 0 : pixels[(row - 1) * stride + at];
      rows[to + 1 + at] = (pixels[row * stride + at] - above) & 0xff;
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
