/** What the frame header of a JPEG says (T.81 B.2.2). */
export interface JpegFrame {
  /** SOF marker's low byte: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, 0xC3 lossless. */
  process: number;
  precision: number;
  components: number;
  hasAdobeSegment: boolean;
  hasJfifSegment: boolean;
}

/** Reads markers up to the frame header; null when there is none. */
export function readJpegFrame(bytes: Uint8Array): JpegFrame | null {
  let hasAdobeSegment = false;
  let hasJfifSegment = false;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    // A shorter one has no transform in it, and decoders pass over it.
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const adobe = marker === 0xee && bytes[at + 4] === 0x41 && bytes[at + 5] === 0x64;
    if (adobe && length >= 14) hasAdobeSegment = true;
    if (marker === 0xe0 && bytes[at + 4] === 0x4a && bytes[at + 5] === 0x46) hasJfifSegment = true;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      return {
        process: marker,
        precision: bytes[at + 4],
        components: bytes[at + 9],
        hasAdobeSegment,
        hasJfifSegment,
      };
    }
    at += 2 + length;
  }
  return null;
}

/** "Adobe", version 100, no flags, transform 0: the components are RGB. */
const rgbSegment = Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0);

/** Tells a decoder that would guess luminance and chrominance that the components are RGB. */
export function markAsRgb(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, 2), rgbSegment, bytes.subarray(2)]);
}
