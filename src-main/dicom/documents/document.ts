import { explicitLittleEndian } from '../transfer-syntaxes.ts';
import type { Elements } from '../write/elements.ts';
import type { PixelsToWrite } from '../write/pixels.ts';
import { writeDicom } from '../write/writer.ts';
import { type DocumentSubject, type InstanceReference, subjectElements } from './subject.ts';

/** What wrote a document. */
export interface DocumentSource {
  /** Graft's version. */
  version: string;
  /** What the model is called; into series descriptions and observers. */
  model: string;
}

/** What all documents have in common. */
export interface DocumentBase {
  subject: DocumentSubject;
  source: DocumentSource;
  SOPInstanceUID: string;
  SeriesInstanceUID: string;
  SeriesNumber: number;
  InstanceNumber: number;
  /** When it was made, ISO 8601, UTC. */
  createdAt: string;
}

/** `[date, time]` as DICOM writes them. */
export function dateAndTime(iso: string): [date: string, time: string] {
  const date = new Date(iso).toISOString();
  return [date.slice(0, 10).replaceAll('-', ''), date.slice(11, 19).replaceAll(':', '')];
}

export const instanceItem = ({
  SOPClassUID,
  SOPInstanceUID,
  frame,
}: Pick<InstanceReference, 'SOPClassUID' | 'SOPInstanceUID' | 'frame'>): Elements => ({
  ReferencedSOPClassUID: SOPClassUID,
  ReferencedSOPInstanceUID: SOPInstanceUID,
  ...(frame === undefined ? {} : { ReferencedFrameNumber: frame.toString() }),
});

/** References by study and series, as evidence sequences want them; each instance once. */
export function evidence(references: readonly InstanceReference[]): Elements[] {
  const studies = Map.groupBy(references, ({ StudyInstanceUID }) => StudyInstanceUID);
  return [...studies].map(([StudyInstanceUID, ofStudy]) => ({
    StudyInstanceUID,
    ReferencedSeriesSequence: [...Map.groupBy(ofStudy, (one) => one.SeriesInstanceUID)].map(
      ([SeriesInstanceUID, ofSeries]): Elements => ({
        SeriesInstanceUID,
        ReferencedSOPSequence: [...new Map(ofSeries.map((one) => [one.SOPInstanceUID, one])).values()].map(
          ({ SOPClassUID, SOPInstanceUID }) => instanceItem({ SOPClassUID, SOPInstanceUID }),
        ),
      }),
    ),
  }));
}

/** A document as the bytes of a DICOM file in explicit little endian, its text in UTF-8. */
export function encodeDocument(
  base: DocumentBase,
  own: Elements & { SOPClassUID: string; Modality: string; SeriesDescription: string },
  pixels?: PixelsToWrite,
): Promise<Uint8Array> {
  const [ContentDate, ContentTime] = dateAndTime(base.createdAt);
  return writeDicom({
    transferSyntaxUID: explicitLittleEndian,
    elements: {
      SpecificCharacterSet: 'ISO_IR 192',
      InstanceCreationDate: ContentDate,
      InstanceCreationTime: ContentTime,
      ContentDate,
      ContentTime,
      SOPInstanceUID: base.SOPInstanceUID,
      SeriesInstanceUID: base.SeriesInstanceUID,
      SeriesNumber: String(base.SeriesNumber),
      InstanceNumber: String(base.InstanceNumber),
      Manufacturer: 'Graft',
      ManufacturerModelName: 'Graft',
      DeviceSerialNumber: base.source.version,
      SoftwareVersions: base.source.version,
      ...subjectElements(base.subject),
      ...own,
      SeriesDescription: own.SeriesDescription.slice(0, 64),
    },
    ...(pixels ? { pixels } : {}),
  });
}
