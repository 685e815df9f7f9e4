import type { ReportModel } from '../../contract/report.ts';
import { list, paragraph, pointer } from '../blocks.ts';
import type { SectionMaker } from '../section.ts';

/** What the model may be used for, and what it may not: the same words in the report and on the model's card. */
export function intendedUse({ split, data, preprocessing }: ReportModel): { uses: string[]; not: string[] } {
  const modality = data.acquisition.find(({ attribute }) => attribute === 'Modality');
  const kinds = modality?.values.map(({ name }) => name).join(', ') ?? 'medical';
  const answers = `${split.multiLabel ? 'findings' : 'classes'} (${split.classes.join(', ')})`;
  return {
    uses: [
      `Research on whether these ${answers} can be told from ${kinds} images that are acquired and prepared as described here (${preprocessing.height} × ${preprocessing.width} pixels).`,
      'Comparison with other models on the same patients, and planning of further studies.',
    ],
    not: [
      'Diagnosis, triage or treatment of any patient, with or without a reader: it is not a medical device and has no clearance by any authority.',
      'Images of other scanners, sites, populations, body parts or preparations than those described here, without an evaluation of its own.',
      `Anything that it was not asked: it gives one of these ${answers} for every image, also for one that shows none of them.`,
    ],
  };
}

export const intendedUseSection: SectionMaker = (model) => {
  const { uses, not } = intendedUse(model);
  return [
    {
      id: 'intended-use',
      title: 'Intended use',
      blocks: [
        paragraph('For research use only. It is meant for:'),
        list(uses),
        paragraph('It is not meant for:'),
        list(not),
        paragraph([
          'What limits the results is in ',
          pointer('limitations', 'Limitations'),
          '. Patient numbers are kept as keyed hashes under a key that never leaves the machine, names and birth dates not at all; this report holds neither the one nor the other.',
        ]),
      ],
    },
  ];
};
