/**
 * Why a file gives no image. Every refusal has one of these codes and a sentence; none of them stops an import.
 *
 * - `unreadable`: the file system would not let it be read
 * - `not-dicom`: the bytes are not DICOM (also an empty file)
 * - `dicomdir`: a media directory, an index of other files
 * - `no-pixel-data`: DICOM without an image (plan, report, waveform, document)
 * - `unsupported-transfer-syntax`: an image in an encoding that Graft does not decode (video, mostly)
 * - `unsupported-pixels`: an image whose description Graft does not decode (bits, samples, photometric interpretation)
 * - `truncated`: the file ends before the image does
 * - `too-large`: the compressed content unpacks to more than a file of this kind can hold
 * - `broken`: DICOM that contradicts itself
 */
export type RefusalReason =
  | 'unreadable'
  | 'not-dicom'
  | 'dicomdir'
  | 'no-pixel-data'
  | 'unsupported-transfer-syntax'
  | 'unsupported-pixels'
  | 'truncated'
  | 'too-large'
  | 'broken';

/**
 * What is indexed of one image file, under the standard's keywords. Text is decoded and trimmed; an absent or empty
 * attribute is null. `PatientID` is raw here and must be hashed before it is stored.
 */
export interface InstanceHeader {
  /** The encoding the file is in; guessed from the bytes where the file does not say. */
  transferSyntaxUID: string;
  SOPInstanceUID: string | null;
  SOPClassUID: string | null;
  StudyInstanceUID: string | null;
  SeriesInstanceUID: string | null;
  FrameOfReferenceUID: string | null;
  PatientID: string | null;
  PatientSex: string | null;
  /** As written, e.g. `063Y`. */
  PatientAge: string | null;
  /** `YYYYMMDD` as written. */
  StudyDate: string | null;
  Modality: string | null;
  ImageType: string | null;
  Manufacturer: string | null;
  ManufacturerModelName: string | null;
  InstitutionName: string | null;
  StationName: string | null;
  /** Tesla. */
  MagneticFieldStrength: number | null;
  /** Kilovolt. */
  KVP: number | null;
  /** Millimetres. */
  SliceThickness: number | null;
  BodyPartExamined: string | null;
  ViewPosition: string | null;
  SeriesDescription: string | null;
  ProtocolName: string | null;
  /** `L`, `R` or `B`, from Laterality or else ImageLaterality. */
  Laterality: string | null;
  BurnedInAnnotation: string | null;
  SeriesNumber: number | null;
  InstanceNumber: number | null;
  Rows: number;
  Columns: number;
  /** 1 where the file does not say. */
  NumberOfFrames: number;
  SamplesPerPixel: number;
  /** 1 where each colour has its own plane. */
  PlanarConfiguration: number;
  PhotometricInterpretation: string;
  BitsAllocated: number;
  BitsStored: number;
  HighBit: number;
  /** 0 unsigned, 1 two's complement. */
  PixelRepresentation: number;
  /** Millimetres between rows, between columns. */
  PixelSpacing: [number, number] | null;
  ImagerPixelSpacing: [number, number] | null;
}

export interface Refusal {
  kind: 'refused';
  reason: RefusalReason;
  /** One sentence for people. */
  message: string;
}

export type HeaderOutcome =
  | {
      kind: 'image';
      header: InstanceHeader;
      /** Where in its path the file has its patient's name, see `findNameInPath`; absent where it has not. */
      nameAt?: number;
    }
  | Refusal;

/** Stored values as they come out of the decoder: sign and stored bits already applied. */
export type StoredValues =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A table of the standard (PS3.3 C.11.1, C.11.2): input below `firstMapped` gives the first entry, above the last. */
export interface LookupTable {
  firstMapped: number;
  values: Uint16Array;
  /** Bits of an entry: the output's range is 0 to 2^bits − 1. */
  bits: number;
  explanation: string | null;
}

export interface WindowSetting {
  center: number;
  width: number;
  explanation: string | null;
}

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** What turns stored values into values to look at (PS3.3 C.11), for one frame. */
export interface GrayscaleTransform {
  /** Output = slope × stored + intercept; absent where a modality LUT or nothing is given. */
  rescale: { slope: number; intercept: number } | null;
  modalityLut: LookupTable | null;
  windows: WindowSetting[];
  voiFunction: VoiFunction;
  voiLuts: LookupTable[];
  /** Stored values in this closed range are no part of the picture. */
  padding: { from: number; to: number } | null;
}

/** One decoded picture. Colour is RGB, samples interleaved; palettes are applied; YBR is converted. */
export interface DecodedFrame {
  rows: number;
  columns: number;
  samplesPerPixel: 1 | 3;
  /** rows × columns × samplesPerPixel stored values, row by row. */
  data: StoredValues;
  photometricInterpretation: 'MONOCHROME1' | 'MONOCHROME2' | 'RGB';
  bitsStored: number;
  signed: boolean;
  frameIndex: number;
  numberOfFrames: number;
  transferSyntaxUID: string;
  grayscale: GrayscaleTransform;
}

/** How a frame is brought to [0, 1]. */
export interface DisplayOptions {
  /**
   * `file` (default): the file's VOI LUT or window, else the range of its values. `percentile`: between two percentiles
   * of the values that are not padding. `range`: between the smallest and the largest. Or a window of one's own.
   */
  voi?: 'file' | 'percentile' | 'range' | { center: number; width: number; function?: VoiFunction };
  /** Which of the file's windows or VOI LUTs, 0 the first (default). */
  windowIndex?: number;
  /** Percentiles for `percentile`, default [0.5, 99.5]. */
  percentiles?: [number, number];
}

/** One picture in [0, 1], 0 black: rows × columns × samplesPerPixel, row by row, samples interleaved. */
export interface DisplayFrame {
  rows: number;
  columns: number;
  samplesPerPixel: 1 | 3;
  values: Float32Array;
}

/** What a decoding worker is asked for; it decodes once for everything wanted. */
export interface DecodeTask {
  path: string;
  /** From 0; default 0. */
  frameIndex?: number;
  /** The stored values, default true when nothing else is wanted. */
  stored?: boolean;
  /** The picture in [0, 1]. */
  display?: DisplayOptions;
  /** The canonical SHA-256 of the stored values, see `pixelHash`. */
  hash?: boolean;
}

export interface DecodeResult {
  stored?: DecodedFrame;
  display?: DisplayFrame;
  hash?: string;
}

export interface FoundFile {
  path: string;
  size: number;
  mtimeMs: number;
}
