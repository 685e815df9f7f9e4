import { describe, expect, it } from 'vitest';
import { CrossValidations } from '../../../src-renderer/screens/evaluate/cross-validations.svelte.ts';
import { playBridge } from '../bridge.ts';

const plan = { approaches: ['probe', 'fine-tuned'], split: { splitId: 4 } };
const played = (list: { id: number }[] = []) =>
  playBridge({
    'plans.current': () => plan,
    'crossValidations.start': () => ({ id: 1 }),
    'crossValidations.list': () => list,
    'crossValidations.show': ({ id }: { id: number }) => ({ id, result: `of ${id}` }),
    'crossValidations.delete': () => null,
  });

describe('a cross-validation that a person is about to start', () => {
  it('is of the plan as it is, over patients that no test keeps, unless that is said', async () => {
    const { call } = played();
    const found = new CrossValidations();
    await found.start();
    expect(call).toHaveBeenLastCalledWith('crossValidations.start', {
      plan,
      crossValidation: {
        folds: 5,
        patients: 'development',
        approaches: ['probe', 'fine-tuned'],
        sweep: null,
      },
    });
  });

  it('tunes within each fold what is chosen to vary, and deals all patients where that is said', async () => {
    const { call } = played();
    const found = new CrossValidations();
    found.nested = true;
    found.withTest = true;
    found.folds = 3;
    found.sweep.fields = { 'head.dropout': '0, 0.5' };
    found.sweep.folds = 4;
    expect(found.cost).toContain('trained 3 times, and 2 trials tune each fold, of 4 trainings each');
    await found.start();
    expect(call.mock.lastCall![1]).toMatchObject({
      crossValidation: { patients: 'all', sweep: { space: { 'head.dropout': [0, 0.5] }, folds: 4 } },
    });
  });

  it('says what is wrong before it can be started', () => {
    const found = new CrossValidations();
    expect(found.wrong).toBeNull();
    for (const folds of [null, 1, 2.5, 21]) {
      found.folds = folds;
      expect(found.wrong).toBe('From 2 to 20 folds.');
    }
    found.folds = 5;
    found.nested = true;
    found.sweep.fields = {};
    expect(found.wrong).toBe('Choose at least one field to tune.');
    found.sweep.fields = { mixup: ' ' };
    expect(found.wrong).toBe('Each field that varies needs a value.');
  });
});

describe('cross-validations of a project', () => {
  it('are shown with the result of the one that is chosen, else of the newest', async () => {
    played([{ id: 2 }, { id: 1 }]);
    const found = new CrossValidations();
    await found.load();
    expect(found.shown).toMatchObject({ id: 2, result: 'of 2' });
    await found.choose(1);
    expect(found.shown).toMatchObject({ id: 1, result: 'of 1' });
    await found.delete(1);
    expect(found.shown!.id).toBe(2);
  });

  it('are none where there is none', async () => {
    played();
    const found = new CrossValidations();
    await found.load();
    expect([found.loaded, found.shown, found.failure]).toEqual([true, null, null]);
  });
});
