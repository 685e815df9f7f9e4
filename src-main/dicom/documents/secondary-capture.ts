import { GraftError } from '../../contract/errors.ts';
import { codeItem } from './codes.ts';
import { dateAndTime, type DocumentBase, encodeDocument, instanceItem } from './document.ts';
import type { InstanceReference } from './subject.ts';

export interface SecondaryCapture extends DocumentBase {
  /** rows × columns × 3, red first. */
  picture: { rows: number; columns: number; rgb: Uint8Array };
  /** The image that it was made from. */
  reference: InstanceReference;
  /** What it shows and how that was made, such as `Grad-CAM of the class glioma`. */
  description: string;
  SeriesDescription?: string;
  /** What the image that it was made from says of text burned into it. Default: nothing, and so does the capture. */
  burnedIn?: boolean;
}

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/**
 * A picture made from an image, a heatmap over it say, as a Secondary Capture in colour that refers to the image.
 *
 * @example
 * await writeSecondaryCapture({ ...base, picture: { rows, columns, rgb }, reference, description: 'Grad-CAM of the class glioma' })
 * @throws GraftError `picture-wrong-length`
 */
export function writeSecondaryCapture(capture: SecondaryCapture): Promise<Uint8Array> {
  const { picture, reference, description, source, createdAt } = capture;
  const { rows, columns, rgb } = picture;
  if (rgb.length !== rows * columns * 3)
    throw new GraftError(
      'picture-wrong-length',
      `Expected ${rows * columns * 3} values for ${rows} × ${columns} pixels in three colours, found ${rgb.length}.`,
      { kind: 'bug' },
    );
  const [DateOfSecondaryCapture, TimeOfSecondaryCapture] = dateAndTime(createdAt);
  return encodeDocument(
    capture,
    {
      SOPClassUID: SECONDARY_CAPTURE,
      Modality: 'OT',
      SeriesDescription: capture.SeriesDescription ?? `Graft: ${source.model}`,
      ConversionType: 'WSD',
      SecondaryCaptureDeviceManufacturer: 'Graft',
      SecondaryCaptureDeviceManufacturerModelName: 'Graft',
      SecondaryCaptureDeviceSoftwareVersions: source.version,
      DateOfSecondaryCapture,
      TimeOfSecondaryCapture,
      ImageType: ['DERIVED', 'SECONDARY'],
      // Required, and empty where the source is not asked how the patient lay, and on which side.
      PatientOrientation: '',
      Laterality: '',
      // Nobody looked: where the image does not say that there is none, this must not.
      ...(capture.burnedIn === undefined ? {} : { BurnedInAnnotation: capture.burnedIn ? 'YES' : 'NO' }),
      LossyImageCompression: '00',
      DerivationDescription: description.slice(0, 1024),
      SourceImageSequence: [
        {
          ...instanceItem(reference),
          PurposeOfReferenceCodeSequence: [
            codeItem(['121322', 'DCM', 'Source of Image Processing Operation']),
          ],
        },
      ],
    },
    { rows, columns, samplesPerPixel: 3, bitsAllocated: 8, data: rgb },
  );
}
