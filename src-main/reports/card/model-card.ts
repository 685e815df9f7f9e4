import type { ReportModel, ReportResult } from '../../contract/report.ts';
import { OUT_OF_FOLD } from '../../contract/run.ts';
import { type Blocks, code, facts, list, paragraph, table, type Text } from '../blocks.ts';
import { approachName, interval, whole } from '../format.ts';
import { intensityText, sizeText } from '../sections/data.ts';
import { intendedUse } from '../sections/intended-use.ts';
import { answersText } from '../sections/model.ts';
import { mainModel } from '../sections/results.ts';

export interface CardPart {
  title: string;
  blocks: Blocks;
}

/**
 * What goes with a model when it is handed on: the parts of Mitchell et al. 2019 (Model Cards for Model Reporting, doi 10.1145/3287560.3287596) under
 * the headings of Hugging Face, answered from the records.
 */
export function modelCard(model: ReportModel): CardPart[] {
  const { uses, not } = intendedUse(model);
  const { split, preprocessing, limitations } = model;
  return [
    { title: 'Model details', blocks: facts(details(model)) },
    { title: 'Intended use', blocks: [paragraph('For research use only.'), list(uses)] },
    { title: 'Out of scope', blocks: list(not) },
    {
      title: 'Training data',
      blocks: [
        paragraph(
          `${model.data.sources.map(({ name, images }) => `${name} (${whole(images)} images)`).join(', ')}; dealt to sets by patient. The data are private, and are not part of the model.`,
        ),
        facts([
          ...Object.entries(split.counts).map(([set, { images, patients }]): [string, Text] => [
            set,
            `${whole(patients)} patients, ${whole(images)} images`,
          ]),
          [
            'Preprocessing',
            `${sizeText(preprocessing)}; grey values: ${intensityText(preprocessing)}, to [0, 1]`,
          ],
        ]),
      ],
    },
    { title: 'Evaluation', blocks: evaluation(model) },
    {
      title: 'Factors',
      blocks: paragraph(
        model.data.acquisition.length > 0
          ? `Images differ in ${model.data.acquisition.map(({ attribute }) => attribute).join(', ')}; results by subgroup, where they were computed, are in the report.`
          : 'The files state nothing of how images were acquired.',
      ),
    },
    {
      title: 'Ethical considerations',
      blocks: paragraph(
        'Author to complete: approval, consent, and who may be harmed by wrong answers. Weights of networks can hold traces of the images that they learned from; whether the model may be given away is for the data’s owner to decide.',
      ),
    },
    { title: 'Limits and recommendations', blocks: list(limitations) },
  ];
}

function details({ model, exported, environment, split, runs, createdAt }: ReportModel): [string, Text][] {
  const tuned = runs.find(({ approach }) => approach === 'fine-tuned');
  return [
    ['Network', model.title],
    ['Answers', answersText(split, tuned ?? runs[0])],
    ['Classes', split.classes.join(', ')],
    ['Pre-trained on', model.sourceTask ?? 'nothing: random weights'],
    ['Licence of the starting weights', model.licence],
    ...(tuned?.result
      ? ([['Weights', `${whole(tuned.result.parameters.total)}, of which ${whole(tuned.result.parameters.trainable)} learned here`]] as [string, Text][]) // prettier-ignore
      : []),
    ...(exported ? ([['ONNX file, SHA-256', code(exported.sha256)]] as [string, Text][]) : []),
    ['Made with', `Graft ${environment.graft}, ${createdAt.slice(0, 10)}`],
    ['Contact', 'Author to complete'],
  ];
}

/** Patients who chose the epoch prove nothing, nor do those of whom other members learned: they have no row. */
const counting = ({ results }: ReportModel): ReportResult[] =>
  results.filter(({ setName }) => setName !== 'validation' && setName !== OUT_OF_FOLD);

function evaluation(model: ReportModel): Blocks {
  const results = counting(model);
  if (results.length === 0) return paragraph('The model was not evaluated on held-out patients.');
  return [
    table(
      'On patients that took no part in training or selection, with 95 % intervals by patient; baselines on the same patients are in the report.',
      ['Set', 'Model', 'Patients', 'Balanced accuracy', 'AUC', 'F1'],
      results.map((result) => {
        const { approach, patients, metrics } = mainModel(result);
        return [
          result.description,
          approachName(approach, result.table.multiLabel),
          whole(patients),
          interval(metrics.balancedAccuracy),
          interval(metrics.auc),
          interval(metrics.f1),
        ];
      }),
      { prose: true },
    ),
  ];
}
