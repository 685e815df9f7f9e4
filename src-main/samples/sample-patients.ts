import { RandomStream } from '../platform/random.ts';
import {
  deflatedLittleEndian,
  explicitLittleEndian,
  implicitLittleEndian,
  jpeg2000Lossless,
  jpegLsLossless,
  rleLossless,
} from '../dicom/index.ts';
import type { Finding } from './chest-anatomy.ts';
import { findings } from './chest-anatomy.ts';
import type { Scanner } from './scanners.ts';

/** The encodings that the sample files are in, each as often as the others. */
export const sampleTransferSyntaxes: readonly string[] = [
  explicitLittleEndian,
  implicitLittleEndian,
  rleLossless,
  jpegLsLossless,
  jpeg2000Lossless,
  deflatedLittleEndian,
];

/** One patient of the sample data: one examination of three to five slices. */
export interface SamplePatient {
  scanner: Scanner;
  /** From 0, within the hospital. */
  number: number;
  patientId: string;
  finding: Finding;
  sex: 'F' | 'M';
  /** Years. */
  age: number;
  /** `YYYYMMDD`. */
  studyDate: string;
  /** `HHMMSS`. */
  studyTime: string;
  /** Stored white for black. */
  inverted: boolean;
  transferSyntaxUID: string;
  /** Height of each slice in millimetres. */
  slices: number[];
}

/** Deals findings, encodings and the rest to the patients of one hospital, each from a stream of its own. */
export function samplePatients(seed: number, scanner: Scanner, count: number): SamplePatient[] {
  const deal = <T>(what: string, values: readonly T[]): T[] =>
    new RandomStream(seed, scanner.site, what).shuffle(
      Array.from({ length: count }, (_, index) => values[index % values.length]),
    );
  const dealtFindings = deal('finding', findings);
  const dealtSyntaxes = deal('encoding', sampleTransferSyntaxes);
  const dealtInversions = deal('inversion', [true, false, false, false, false]);
  const dealtSlices = deal('slices', [3, 4, 5, 4]);
  return Array.from({ length: count }, (_, number) => {
    const stream = new RandomStream(seed, scanner.site, 'record', number);
    const slices = dealtSlices[number];
    return {
      scanner,
      number,
      patientId: `${scanner.site.endsWith('a') ? 'A' : 'B'}${String(number + 1).padStart(3, '0')}`,
      finding: dealtFindings[number],
      sex: stream.uniform() < 0.5 ? 'F' : 'M',
      age: Math.round(Math.min(89, Math.max(21, stream.normal(61, 12)))),
      studyDate: studyDate(stream),
      studyTime: clockTime(stream),
      inverted: dealtInversions[number],
      transferSyntaxUID: dealtSyntaxes[number],
      slices: Array.from(
        { length: slices },
        (_, slice) => scanner.sliceDistance * (slice - (slices - 1) / 2) + stream.uniform(-0.3, 0.3),
      ),
    };
  });
}

function studyDate(stream: RandomStream): string {
  const day = new Date(Date.UTC(2021, 0, 4 + stream.integer(1400)));
  return day.toISOString().slice(0, 10).replaceAll('-', '');
}

function clockTime(stream: RandomStream): string {
  return [8 + stream.integer(10), stream.integer(60), stream.integer(60)]
    .map((part) => String(part).padStart(2, '0'))
    .join('');
}
