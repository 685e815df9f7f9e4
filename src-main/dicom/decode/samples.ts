import type { StoredValues } from '../types.ts';

export interface SampleLayout {
  bytesPerSample: number;
  bitsStored: number;
  highBit: number;
  signed: boolean;
}

/** The smallest typed array that holds every value of so many bits. */
export function storedArray(length: number, bits: number, signed: boolean): StoredValues {
  if (bits <= 8) return signed ? new Int8Array(length) : new Uint8Array(length);
  if (bits <= 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  return signed ? new Int32Array(length) : new Uint32Array(length);
}

/**
 * Little-endian samples as stored values: the stored bits alone, those above them (overlays, rubbish) cut off, and the
 * highest of them the sign.
 */
export function extractSamples(bytes: Uint8Array, layout: SampleLayout): StoredValues {
  const { bytesPerSample, bitsStored, highBit, signed } = layout;
  const count = Math.floor(bytes.length / bytesPerSample);
  const out = storedArray(count, bitsStored, signed);
  const drop = 31 - highBit;
  const keep = 32 - bitsStored;
  for (let index = 0, at = 0; index < count; index++, at += bytesPerSample) {
    let value = bytes[at];
    if (bytesPerSample > 1) value |= bytes[at + 1] << 8;
    if (bytesPerSample > 2) value |= (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    out[index] = signed ? (value << drop) >> keep : (value << drop) >>> keep;
  }
  return out;
}

/** One bit a pixel, the lowest bit of a byte first, from any bit on: frames need not start on a byte. */
export function extractBits(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const bit = firstBit + index;
    out[index] = (bytes[bit >> 3] >> (bit & 7)) & 1;
  }
  return out;
}

/** Reverses the bytes of each word, in a copy. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at + width <= bytes.length; at += width) {
    for (let byte = 0; byte < width; byte++) out[at + byte] = bytes[at + width - 1 - byte];
  }
  return out;
}

/** Planes one after another to samples side by side. */
export function interleave<T extends StoredValues>(values: T, samplesPerPixel: number): T {
  const pixels = values.length / samplesPerPixel;
  const out = values.slice() as T;
  for (let sample = 0; sample < samplesPerPixel; sample++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      out[pixel * samplesPerPixel + sample] = values[sample * pixels + pixel];
    }
  }
  return out;
}
