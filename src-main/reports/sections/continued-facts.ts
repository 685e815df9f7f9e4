import type { ContinuedWeights } from '../../contract/report.ts';
import { type Text, warning } from '../blocks.ts';
import { whole } from '../format.ts';

/** What a reader has to know of weights that had learned from the project's own images before any label was used. */
export function continuedFacts(continued: ContinuedWeights): [string, Text][] {
  const { from, method, images, patients, epochs, size, heldOutPatients, seen } = continued;
  return [
    [
      'Continued on',
      `${whole(images)} images of ${whole(patients)} patients of this project, without their labels, from ${from}: ${method}, each image seen ${epochs.toFixed(1)} times at ${size} pixels`,
    ],
    [
      'Held out from that',
      seen.patients > 0
        ? warning(
            `Not everybody whom this report judges by: images of ${whole(seen.patients)} of these patients had been seen.`,
          )
        : `all patients of the locked test set and of external sets${heldOutPatients === null ? '' : ` (${whole(heldOutPatients)} were left out)`}`,
    ],
  ];
}
