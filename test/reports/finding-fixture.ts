import type { Finding } from '../../src-main/contract/dataset.ts';
import type { EvaluationTable, ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import type { ReportModel } from '../../src-main/contract/report.ts';
import { evaluateModels, youdenThresholds } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { reportFixture } from './fixture.ts';

const FINDINGS = [
  'Atelectasis',
  'Cardiomegaly',
  'Consolidation',
  'Edema',
  'Effusion',
  'Mass',
  'Pneumothorax',
];
const RATES = [0.35, 0.2, 0.15, 0.1, 0.4, 0.12, 0.05];

function predictions(seed: number, patients: number, quality: number): ScoredPrediction[] {
  const truths = new RandomStream(1, 'truths');
  const random = new RandomStream(seed, 'answers');
  return Array.from({ length: patients * 3 }, (_, i) => {
    const findings = RATES.map((rate): Finding => {
      const drawn = truths.uniform();
      return truths.uniform() < 0.05 ? null : drawn < rate ? 1 : 0;
    });
    return {
      patientKey: `patient ${Math.floor(i / 3)}`,
      label: -1,
      findings,
      probabilities: findings.map((there, k) =>
        quality === 0
          ? RATES[k]
          : 1 / (1 + Math.exp(-(random.normal() + quality * ((there ?? 0) - 0.5) + Math.log(RATES[k] * 2)))),
      ),
    };
  });
}

export const findingTable = (patients = 60): EvaluationTable =>
  evaluateModels({
    classes: FINDINGS,
    multiLabel: true,
    replicates: 100,
    models: (['majority', 'probe', 'scratch', 'fine-tuned'] as const).map((approach, i) => ({
      name: approach,
      approach,
      predictions: predictions(i, patients, [0, 1.2, 1.8, 3][i]),
      thresholds: youdenThresholds(predictions(10 + i, patients, [0, 1.2, 1.8, 3][i]), FINDINGS.length),
    })),
  });

/** The report of a study of seven findings. */
export function findingReport(): ReportModel {
  const model = reportFixture();
  const counts = (images: number) => ({
    images,
    patients: Math.round(images / 3),
    classes: RATES.map((rate) => Math.round(rate * images)),
    none: Math.round(images / 4),
  });
  return {
    ...model,
    title: 'Seven findings: fine-tuning of the starter',
    split: {
      ...model.split,
      classes: FINDINGS,
      multiLabel: true,
      counts: { train: counts(420), validation: counts(90), test: counts(180) },
    },
    results: [{ ...model.results[0], table: findingTable(), withCopies: null, excluded: [] }],
  };
}
