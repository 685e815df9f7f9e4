import { analysisSettings } from '../../src-main/contract/analysis-settings.ts';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import type { ReportModel } from '../../src-main/contract/report.ts';
import { analyse } from '../../src-main/evaluation/analysis/index.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { reportFixture } from './fixture.ts';

const IMAGES = 3;

function answers(seed: number, skill: number, patients: number): ScoredPrediction[] {
  const random = new RandomStream(seed, 'analysis');
  return Array.from({ length: patients * IMAGES }, (_, i): ScoredPrediction => {
    const patient = Math.floor(i / IMAGES);
    const label = patient % 3;
    const raw = [0, 1, 2].map((k) => Math.exp(random.normal() + skill * Number(k === label)));
    const sum = raw.reduce((total, value) => total + value, 0);
    return { patientKey: `key ${patient}`, label, probabilities: raw.map((value) => value / sum) };
  });
}

/** The middling study, its test set analysed as an evaluation does it, and looked at twice. */
export function analysedReport(patients = 60): ReportModel {
  const model = reportFixture();
  const { classes } = model.split;
  const skills = { scratch: 0.6, 'fine-tuned': 2 } as const;
  const models = (['scratch', 'fine-tuned'] as const).map((approach, m) => ({
    name: approach,
    approach,
    predictions: answers(m, skills[approach], patients),
  }));
  const series = models[0].predictions.map((_, i) => `series ${Math.floor(i / IMAGES)}`);
  const table = evaluateModels({ classes, models, replicates: 200 });
  const { analysis } = analyse({
    classes,
    multiLabel: false,
    models,
    set: { predictions: models.map(({ predictions }) => predictions), series },
    validation: {
      predictions: models.map(({ approach }, m) => answers(m + 10, skills[approach], patients)),
      series,
    },
    fittedHere: false,
    groupings: [
      { attribute: 'PatientSex', groups: series.map((_, i) => (Math.floor(i / IMAGES) % 2 ? 'F' : 'M')) },
      {
        attribute: 'Manufacturer',
        groups: series.map((_, i) => ['North Imaging', 'Southern', null][Math.floor(i / IMAGES) % 3]),
      },
    ],
    settings: analysisSettings.parse({}),
    table,
  });
  const sentences = ['This set was looked at before by a training with other settings.'];
  return {
    ...model,
    data: {
      ...model.data,
      characteristics: [
        {
          set: 'test',
          images: 3 * patients,
          patients,
          sex: [
            { name: 'F', count: 31 },
            { name: 'M', count: 29 },
          ],
          age: { median: 61, lower: 52.5, upper: 70, known: 58 },
          years: [2019, 2023],
          manufacturers: [{ name: 'North Imaging', count: 180 }],
        },
      ],
    },
    results: [
      {
        ...model.results[0],
        table,
        withCopies: null,
        excluded: [],
        analysis,
        looks: {
          looks: [{ openedAt: '2026-05-01T08:00:00.000Z', comparisonId: 1, changed: null }],
          before: 1,
          after: 0,
          settingsChanged: [],
          sentences,
        },
      },
    ],
  };
}
