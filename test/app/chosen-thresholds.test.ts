import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { thresholdsOf } from '../../src-main/app/chosen-thresholds.ts';
import { analysisSettings, type AnalysisSettingsInput } from '../../src-main/contract/analysis-settings.ts';
import type { Finding } from '../../src-main/contract/dataset.ts';
import { trainingConfigSchema } from '../../src-main/contract/training.ts';
import { chooseAnalysisSettings } from '../../src-main/store/analyses.ts';
import { saveEvaluation } from '../../src-main/store/evaluations.ts';
import { migrate, migrations, type WritableDatabase } from '../../src-main/store/index.ts';
import { createComparison } from '../../src-main/store/runs.ts';

/** A finding that is there at .9, .6 and .3, not at .7, .2 and .1, and unknown at .4. */
const JUDGED: [number, Finding][] = [
  [0.9, 1],
  [0.7, 0],
  [0.6, 1],
  [0.4, null],
  [0.3, 1],
  [0.2, 0],
  [0.1, 0],
];

function thresholdBy(rule: AnalysisSettingsInput['threshold'], evaluated = true): number[] {
  const made = new Database(':memory:');
  migrate(made, migrations);
  made.exec(`
    INSERT INTO label_sets (id, name, source, created_at, updated_at) VALUES (1, 'labels', 'csv', 'then', 'then');
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at)
      VALUES (1, 1, '["a"]', 7, '{}', 'hash', 'then');`);
  const db = made as unknown as WritableDatabase;
  const environment = { graft: '1', node: '24', platform: 'p', cpu: 'c', cores: 2, packages: {} };
  const config = trainingConfigSchema.parse({});
  const preprocessing = { height: 64, width: 64 };
  const run = { approach: 'fine-tuned', config, preprocessing, environment, startingWeights: null };
  const { comparison, runs } = createComparison(db, 1, [run as never]);
  if (evaluated)
    saveEvaluation(
      db,
      runs[0].id,
      'validation',
      JUDGED.map(([probability, finding], at) => ({
        ...{ instanceId: null, frameIndex: 0, patientKey: `p${at}`, subgroup: null, label: -1 },
        ...{ findings: [finding], probabilities: Float32Array.of(probability), excluded: null },
      })),
    );
  chooseAnalysisSettings(db, comparison.id, analysisSettings.parse({ threshold: rule }));
  return thresholdsOf(db, runs[0], 1).map((value) => Number(value.toFixed(3)));
}

describe('thresholds that leave with a model', () => {
  it('follow the rule that its results are analysed by', () => {
    expect(thresholdBy({ kind: 'youden' })).toEqual([0.3]);
    expect(thresholdBy({ kind: 'specificity', least: 0.9 })).toEqual([0.9]);
    expect(thresholdBy({ kind: 'sensitivity', least: 0.6 })).toEqual([0.6]);
    expect(thresholdBy({ kind: 'cost', falseNegative: 1, falsePositive: 50 })).toEqual([0.9]);
  });

  it('are one half where nothing was judged', () => {
    expect(thresholdBy({ kind: 'specificity', least: 0.9 }, false)).toEqual([0.5]);
  });
});
