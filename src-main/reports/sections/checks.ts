import type {
  FailureReport,
  LeakageReport,
  ProbeOutcome,
  ShortcutReport,
  StoredCheck,
} from '../../contract/checks.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import { type Blocks, heading, list, paragraph, table } from '../blocks.ts';
import { whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';

const number = ({ value, low, high }: Estimate): string =>
  `${value === null ? '–' : value.toFixed(3)}${low === null || high === null ? '' : ` (${low.toFixed(3)}–${high.toFixed(3)})`}`;

const cells = ({ balancedAccuracy, chance, pValue }: ProbeOutcome): string[] => [
  number(balancedAccuracy),
  chance.toFixed(3),
  pValue.toFixed(3),
];

const VERDICTS = {
  clear: 'not told',
  encoded: 'told, not tied to the label',
  alarm: 'possible shortcut',
} as const;
const BORDER_VERDICTS = { clear: 'not told', encoded: 'a little', alarm: 'possible shortcut' } as const;

/** Whether the model is right for the right reason: what was checked of the fine-tuned run, nothing where nothing was. */
export const checksSection: SectionMaker = ({ checks = [] }) =>
  checks.length === 0
    ? []
    : [{ id: 'checks', title: 'Shortcuts, leakage and failures', blocks: checks.map(blocksOf) }];

function blocksOf(check: StoredCheck): Blocks {
  if (check.kind === 'shortcuts') return shortcuts(check.report as ShortcutReport);
  if (check.kind === 'leakage') return leakage(check.report as LeakageReport);
  return failures(check.report as FailureReport);
}

const shortcuts = ({
  attributes,
  border,
  images,
  patients,
  margin,
  sentence,
  verdict,
  skipped,
}: ShortcutReport): Blocks => [
  heading('Shortcuts'),
  paragraph(sentence, verdict === 'alarm' ? 'warning' : undefined),
  table(
    `What a linear probe tells from the model's frozen features of ${whole(images)} training and validation images of ${whole(patients)} patients, whole patients apart: balanced accuracy with its 95 % interval by patient, and p from labels exchanged between patients, adjusted by Holm. The border is ${Math.round(100 * margin)} % of each side, the rest covered.`,
    ['Asked for', 'Balanced accuracy', 'Chance', 'p', 'Goes with label (V)', 'Verdict'],
    [
      ...attributes.map((one) => [
        one.attribute,
        ...cells(one),
        one.association.cramersV.toFixed(2),
        VERDICTS[one.verdict],
      ]),
      ...border.flatMap(({ finding, border: alone, whole: all, verdict: own }) => {
        const of = finding === null ? 'label' : finding;
        return [
          [`${of}, border alone`, ...cells(alone), '–', BORDER_VERDICTS[own]],
          [`${of}, whole images`, ...cells(all), '–', '–'],
        ];
      }),
    ],
  ),
  skipped.length > 0 &&
    paragraph(
      `Not asked: ${skipped.map(({ attribute, reason }) => `${attribute} (${reason})`).join('; ')}.`,
      'soft',
    ),
];

const leakage = ({ rows, images, patients, folds, model, finding, sentence }: LeakageReport): Blocks => [
  heading('What a split by image would hide'),
  paragraph(sentence),
  table(
    `Accuracy on ${whole(images)} training and validation images of ${whole(patients)} patients in ${folds} folds, dealt by image and by patient, from frozen features of ${model}${finding === null ? '' : `, asked for ${finding}`}; 95 % intervals by patient.`,
    ['Judge', 'Split by image', 'Split by patient', 'Inflation'],
    rows.map(({ judge, byImage, byPatient, inflation }) => [
      judge === 'probe' ? 'Linear probe' : 'Nearest neighbour',
      number(byImage),
      number(byPatient),
      number(inflation),
    ]),
  ),
];

const failures = ({ setName, sentences, byConfusion, byFeatures }: FailureReport): Blocks => [
  heading(`Failures on ${setName}`),
  list(sentences),
  byConfusion.length > 0 &&
    table(
      'Wrong answers by what is true and what was said, and by what the model sees in the images (groups of features by k-means).',
      ['Group', 'Wrong', 'Of'],
      [...byConfusion, ...byFeatures].map(({ title, wrong, of }) => [title, whole(wrong), whole(of)]),
      { prose: true },
    ),
];
