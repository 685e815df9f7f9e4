/** How the pixels of a transfer syntax are packed. `unsupported` is known by name and refused. */
export type PixelPacking =
  'native' | 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'jpeg-xl' | 'unsupported';

export interface TransferSyntax {
  uid: string;
  name: string;
  explicit: boolean;
  bigEndian: boolean;
  deflated: boolean;
  packing: PixelPacking;
}

export const implicitLittleEndian = '1.2.840.10008.1.2';
export const explicitLittleEndian = '1.2.840.10008.1.2.1';
export const deflatedLittleEndian = '1.2.840.10008.1.2.1.99';
export const explicitBigEndian = '1.2.840.10008.1.2.2';
export const rleLossless = '1.2.840.10008.1.2.5';
export const jpegBaseline = '1.2.840.10008.1.2.4.50';
export const jpegExtended = '1.2.840.10008.1.2.4.51';
export const jpegLossless = '1.2.840.10008.1.2.4.57';
export const jpegLosslessFirstOrder = '1.2.840.10008.1.2.4.70';
export const jpegLsLossless = '1.2.840.10008.1.2.4.80';
export const jpegLsNearLossless = '1.2.840.10008.1.2.4.81';
export const jpeg2000Lossless = '1.2.840.10008.1.2.4.90';
export const jpeg2000 = '1.2.840.10008.1.2.4.91';
export const jpegXlLossless = '1.2.840.10008.1.2.4.110';
export const jpegXlRecompression = '1.2.840.10008.1.2.4.111';
export const jpegXl = '1.2.840.10008.1.2.4.112';
export const htj2kLossless = '1.2.840.10008.1.2.4.201';
export const htj2kLosslessRpcl = '1.2.840.10008.1.2.4.202';
export const htj2k = '1.2.840.10008.1.2.4.203';

const encapsulated: [uid: string, name: string, packing: PixelPacking][] = [
  [rleLossless, 'RLE Lossless', 'rle'],
  [jpegBaseline, 'JPEG Baseline', 'jpeg'],
  [jpegExtended, 'JPEG Extended', 'jpeg'],
  [jpegLossless, 'JPEG Lossless', 'jpeg-lossless'],
  [jpegLosslessFirstOrder, 'JPEG Lossless, First-Order Prediction', 'jpeg-lossless'],
  [jpegLsLossless, 'JPEG-LS Lossless', 'jpeg-ls'],
  [jpegLsNearLossless, 'JPEG-LS Near-Lossless', 'jpeg-ls'],
  [jpeg2000Lossless, 'JPEG 2000 Lossless', 'jpeg-2000'],
  [jpeg2000, 'JPEG 2000', 'jpeg-2000'],
  [jpegXlLossless, 'JPEG XL Lossless', 'jpeg-xl'],
  [jpegXlRecompression, 'JPEG XL JPEG Recompression', 'jpeg-xl'],
  [jpegXl, 'JPEG XL', 'jpeg-xl'],
  [htj2kLossless, 'High-Throughput JPEG 2000 Lossless', 'htj2k'],
  [htj2kLosslessRpcl, 'High-Throughput JPEG 2000 Lossless with RPCL', 'htj2k'],
  [htj2k, 'High-Throughput JPEG 2000', 'htj2k'],
  ['1.2.840.10008.1.2.4.92', 'JPEG 2000 Part 2 Multi-component Lossless', 'unsupported'],
  ['1.2.840.10008.1.2.4.93', 'JPEG 2000 Part 2 Multi-component', 'unsupported'],
  ['1.2.840.10008.1.2.4.94', 'JPIP Referenced', 'unsupported'],
  ['1.2.840.10008.1.2.4.95', 'JPIP Referenced Deflate', 'unsupported'],
  ['1.2.840.10008.1.2.4.100', 'MPEG2 Main Profile video', 'unsupported'],
  ['1.2.840.10008.1.2.4.101', 'MPEG2 High Profile video', 'unsupported'],
  ['1.2.840.10008.1.2.4.102', 'MPEG-4 AVC/H.264 video', 'unsupported'],
  ['1.2.840.10008.1.2.4.103', 'MPEG-4 AVC/H.264 BD video', 'unsupported'],
  ['1.2.840.10008.1.2.4.107', 'HEVC/H.265 video', 'unsupported'],
  ['1.2.840.10008.1.2.4.108', 'HEVC/H.265 Main 10 video', 'unsupported'],
];

const list: TransferSyntax[] = [
  syntax(implicitLittleEndian, 'Implicit VR Little Endian', 'native', { explicit: false }),
  syntax(explicitLittleEndian, 'Explicit VR Little Endian', 'native'),
  syntax(deflatedLittleEndian, 'Deflated Explicit VR Little Endian', 'native', { deflated: true }),
  syntax(explicitBigEndian, 'Explicit VR Big Endian', 'native', { bigEndian: true }),
  ...encapsulated.map(([uid, name, packing]) => syntax(uid, name, packing)),
];

const byUid = new Map(list.map((one) => [one.uid, one]));

function syntax(
  uid: string,
  name: string,
  packing: PixelPacking,
  differs: Partial<TransferSyntax> = {},
): TransferSyntax {
  return { uid, name, packing, explicit: true, bigEndian: false, deflated: false, ...differs };
}

/**
 * The transfer syntax of a UID. One that is not known is read as explicit little endian, as the standard demands of
 * every encapsulated one (PS3.5 A.4), with its pixels marked unsupported.
 */
export function transferSyntax(uid: string): TransferSyntax {
  return byUid.get(uid) ?? syntax(uid, `transfer syntax ${uid}`, 'unsupported');
}
