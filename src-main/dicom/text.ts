import { createRequire } from 'node:module';

const { convertBytes } = createRequire(import.meta.url)('@wearemothership/dicom-character-set') as {
  convertBytes(characterSet: string, bytes: Uint8Array, options: { vr: string }): string;
};

const escape = 0x1b;

/**
 * The text of a value (PS3.5, 6.1). Plain ASCII, which nearly every value is, needs no character set; what a set cannot
 * decode is read as Latin-1, so that a broken name never hides a picture.
 *
 * @param characterSet value of SpecificCharacterSet, its parts joined by backslashes
 */
export function decodeText(bytes: Buffer, vr: string, characterSet: string | null): string {
  const plain = characterSet === null || bytes.every((byte) => byte < 0x80 && byte !== escape);
  if (plain) return bytes.toString('latin1');
  try {
    return convertBytes(characterSet, bytes, { vr });
  } catch {
    return bytes.toString('latin1');
  }
}

/** Drops the padding: spaces on both sides, and zeros at the end. */
export function trimText(text: string): string {
  const zero = text.indexOf('\0');
  return (zero < 0 ? text : text.slice(0, zero)).trim();
}
