import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { DecodedFrame } from './types.ts';

/**
 * SHA-256 of a picture, the same for every file that holds the same stored values: shape, then values as 32-bit whole
 * numbers, whatever encoding or number of allocated bits they came from. Floating point pixels are hashed as doubles.
 *
 * @returns 64 hex digits
 */
export function pixelHash(frame: DecodedFrame): string {
  const float = frame.data instanceof Float32Array || frame.data instanceof Float64Array;
  const values = float ? Float64Array.from(frame.data) : Int32Array.from(frame.data);
  const bytes = Buffer.from(values.buffer);
  if (endianness() === 'BE') {
    if (float) bytes.swap64();
    else bytes.swap32();
  }
  return createHash('sha256')
    .update(`${frame.rows} ${frame.columns} ${frame.samplesPerPixel} ${float ? 'float64' : 'int32'}\n`)
    .update(bytes)
    .digest('hex');
}
