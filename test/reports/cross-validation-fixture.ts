import { analysisSettings } from '../../src-main/contract/analysis-settings.ts';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import type { ReportCrossValidation } from '../../src-main/contract/report-cross-validation.ts';
import { analyse } from '../../src-main/evaluation/analysis/index.ts';
import { foldsOfApproaches } from '../../src-main/evaluation/cross-validation/index.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const CLASSES = ['no finding', 'smooth nodule', 'spiculated mass'];
const APPROACHES = ['probe', 'fine-tuned'] as const;
const PATIENTS = 15;

/** What an approach says of the patients of one fold, two images each. */
function answers(fold: number, approach: (typeof APPROACHES)[number]): ScoredPrediction[] {
  const random = new RandomStream(fold, 'cross-validation fixture', approach);
  return Array.from({ length: 2 * PATIENTS }, (_, i): ScoredPrediction => {
    const patient = Math.floor(i / 2);
    const label = patient % 3;
    const skill = approach === 'probe' ? 0.8 : 2;
    const raw = CLASSES.map((_name, k) => Math.exp(random.normal() + skill * Number(k === label)));
    const sum = raw.reduce((total, value) => total + value, 0);
    return { patientKey: `key ${fold}/${patient}`, label, probabilities: raw.map((value) => value / sum) };
  });
}

/** Four folds of fifteen patients, each tuned. */
export function crossValidationFixture(): ReportCrossValidation {
  const folds = [1, 2, 3, 4].map((fold) =>
    APPROACHES.map((approach) => ({ name: approach, approach, predictions: answers(fold, approach) })),
  );
  const models = APPROACHES.map((approach, m) => ({
    name: approach,
    approach,
    predictions: folds.flatMap((of) => of[m].predictions),
  }));
  const pooled = evaluateModels({ classes: CLASSES, models, replicates: 200 });
  const { analysis } = analyse({
    classes: CLASSES,
    multiLabel: false,
    models,
    set: {
      predictions: models.map(({ predictions }) => predictions),
      series: models[0].predictions.map(() => null),
    },
    validation: null,
    fittedHere: false,
    groupings: [],
    settings: analysisSettings.parse({}),
    table: pooled,
  });
  const byFold = foldsOfApproaches(
    folds.map((of) => ({ models: of, learned: 3 * PATIENTS, judged: PATIENTS })),
    CLASSES,
    false,
  );
  return {
    id: 3,
    finishedAt: '2026-05-04T09:30:00.000Z',
    modelName: 'starter',
    classes: CLASSES,
    multiLabel: false,
    seed: 7,
    nested: { strategy: 'random', trials: 6, folds: 3, fields: ['head.dropout', 'learningRate'] },
    dealt: {
      patients: 4 * PATIENTS,
      images: 8 * PATIENTS,
      copies: 2,
      locked: [{ splitId: 1, setName: 'test', patients: 18 }],
      opened: [],
    },
    folds: byFold.folds.map((metrics, at) => ({
      fold: at + 1,
      splitHash: String(at + 1).repeat(64),
      learned: { patients: 36, images: 72 },
      validation: { patients: 9, images: 18 },
      judged: { patients: PATIENTS, images: 2 * PATIENTS, classes: [10, 10, 10] },
      chosen: {
        trial: at + 2,
        plan: `head.dropout 0.${at}, learningRate 0.001`,
        objective: 'val_f1',
        value: 0.8,
      },
      metrics,
    })),
    spread: byFold.spread,
    differences: byFold.differences,
    pooled,
    analysis,
    notes: ['Folds share most of what they learned from.'],
  };
}
