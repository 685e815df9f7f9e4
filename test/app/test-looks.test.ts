import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { looksAt } from '../../src-main/app/test-looks.ts';
import { analysisSettings } from '../../src-main/contract/analysis-settings.ts';
import { trainingConfigSchema } from '../../src-main/contract/training.ts';
import { chooseAnalysisSettings, listAnalysisSettings } from '../../src-main/store/analyses.ts';
import { migrate, migrations, type WritableDatabase } from '../../src-main/store/index.ts';
import { recordOpening } from '../../src-main/store/openings.ts';
import { createComparison } from '../../src-main/store/runs.ts';

/** A split in a database of its own, and trainings on it. */
let db: WritableDatabase;
beforeEach(() => {
  const made = new Database(':memory:');
  made.pragma('foreign_keys = ON');
  migrate(made, migrations);
  made.exec(`
    INSERT INTO label_sets (id, name, source, created_at, updated_at) VALUES (1, 'labels', 'csv', 'then', 'then');
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at)
      VALUES (1, 1, '["a","b"]', 7, '{}', 'hash', 'then'), (2, 1, '["a","b"]', 7, '{}', 'hash', 'then'),
      (3, 1, '["a","b"]', 8, '{}', 'other', 'then');`);
  db = made as unknown as WritableDatabase;
});

function training(splitId = 1, settings: { learningRate?: number; epochs?: number } = {}): number {
  const config = trainingConfigSchema.parse({ initial: '/home/somebody/starter', ...settings });
  const preprocessing = { height: 64, width: 64 };
  const environment = { graft: '1', node: '24', platform: 'p', cpu: 'c', cores: 2, packages: {} };
  const run = { approach: 'fine-tuned', config, preprocessing, environment, startingWeights: null };
  return createComparison(db, splitId, [run as never]).comparison.id;
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('looks at a held-out set', () => {
  it('are nothing to speak of where there was one', () => {
    const id = training();
    recordOpening(db, 1, 'test', id);
    expect(looksAt(db, id, 'test')).toMatchObject({
      before: 0,
      after: 0,
      settingsChanged: [],
      sentences: [],
    });
    expect(looksAt(db, id, 'test').looks).toMatchObject([{ comparisonId: id, changed: null }]);
  });

  it('say what was changed between a look and the next one by another training', () => {
    const first = training();
    recordOpening(db, 1, 'test', first);
    recordOpening(db, 1, 'validation-of-something', first);
    // The same images on the same sides, split again: the same test set.
    const second = training(2, { learningRate: 0.01, epochs: 9 });
    recordOpening(db, 2, 'test', second);
    const { looks, before, after, sentences } = looksAt(db, second, 'test');
    expect([looks.length, before, after]).toEqual([2, 1, 0]);
    expect(looks[1].changed!.join(' ')).toMatch(/epochs: \d+ → 9/);
    expect(looks[1].changed!.join(' ')).toMatch(/learningRate: [\d.e-]+ → 0\.01/);
    expect(sentences.join(' ')).toContain('looked at 2 times, by 2 trainings');
    expect(sentences.join(' ')).toMatch(/looked at 1 time by other trainings before.*learningRate/);
    expect(looksAt(db, first, 'test')).toMatchObject({ before: 0, after: 1 });
    expect(looksAt(db, first, 'test').sentences.join(' ')).toContain('by other trainings afterwards');
  });

  it('at another split are none of this one', () => {
    const [one, other] = [training(1), training(3)];
    recordOpening(db, 3, 'test', other);
    recordOpening(db, 1, 'test', one);
    expect(looksAt(db, one, 'test').looks).toHaveLength(1);
  });

  it('name no folder of this machine', () => {
    const first = training();
    recordOpening(db, 1, 'test', first);
    db.prepare(`UPDATE runs SET config = json_set(config, '$.initial', '/home/somebody/other')`).run();
    const second = training();
    recordOpening(db, 1, 'test', second);
    const text = JSON.stringify(looksAt(db, second, 'test'));
    expect(text).not.toContain('somebody');
    expect(text).toContain('initial: \\"other\\" → \\"starter\\"');
  });

  it('are followed by what was changed of the analysis, which is told', async () => {
    const id = training();
    chooseAnalysisSettings(db, id, analysisSettings.parse({}));
    chooseAnalysisSettings(db, id, analysisSettings.parse({}));
    expect(listAnalysisSettings(db, id)).toHaveLength(1);
    await later();
    recordOpening(db, 1, 'test', id);
    await later();
    chooseAnalysisSettings(db, id, analysisSettings.parse({ unit: 'patient', margin: 0.1 }));
    const { settingsChanged, sentences } = looksAt(db, id, 'test');
    expect(settingsChanged.map(({ changed }) => changed)).toEqual([
      ['unit: "image" → "patient"', 'margin: 0.05 → 0.1'],
    ]);
    expect(sentences.join(' ')).toContain('after the set had been looked at');
  });
});
