import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type TrainReport } from '../../src-main/app/index.ts';
import { samplesOf, splitOfRun } from '../../src-main/app/explain/explainable.ts';
import { withSession } from '../../src-main/app/session.ts';
import { prepare } from '../../src-main/app/train-model.ts';
import type { Explanation } from '../../src-main/contract/explanation.ts';
import { openExecutor, openOnnx } from '../../src-main/engine/index.ts';
import { explainTargets, overImage, toLargest } from '../../src-main/explanation/index.ts';
import { openImageSource } from '../../src-main/jobs/image-source.ts';
import { joined } from '../../src-main/jobs/joined.ts';
import { loadModel } from '../../src-main/models/index.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
import { getRun } from '../../src-main/store/runs.ts';
import type { Prediction } from '../../src-main/contract/run.ts';
import { openDesk } from '../desk/fixtures.ts';
import { sampleProject, type SampleProject } from './sample-project.ts';

describe('an ensemble over folds', () => {
  const app = createApp();
  let sample: SampleProject;
  let report: TrainReport;
  beforeAll(async () => {
    sample = await sampleProject();
    const { model, project } = sample;
    report = await app.trainModel(project, {
      split: { options: { fractions: { train: 0.5, validation: 0.25, test: 0.25 } } },
      settings: {
        ...{ initial: model, folds: 2, epochs: 2, freezePreset: 'feature-extraction', threads: 1 },
        augmentation: { preset: 'none', variants: 1 },
      },
      preprocessing: { height: 32, width: 32 },
      approaches: ['majority', 'fine-tuned'],
    });
  }, 180_000);
  afterAll(() => sample.remove());

  const whole = () => report.runs.find(({ approach }) => approach === 'fine-tuned')!;
  const predictionsOf = (runId: number): Map<string, Prediction[]> => {
    const { db, close } = openProjectForReading(sample.project);
    const found = listEvaluations(db, runId).map(
      ({ setName, id }) => [setName, listPredictions(db, id)] as const,
    );
    close();
    return new Map(found);
  };

  test('is one run, whose members are runs of their own that learned from all folds but one', () => {
    expect(whole().state).toBe('done');
    const { members, images } = whole().result!.ensemble!;
    expect(members.map(({ fold }) => fold)).toEqual([1, 2]);
    expect(members[0].judged + members[1].judged).toBe(images);
    expect(members.map(({ learned }) => learned)).toEqual([members[1].judged, members[0].judged]);
    const runs = app.listRuns(sample.project);
    expect(runs.filter(({ member }) => member).map(({ member }) => member!.ensembleId)).toEqual([
      whole().id,
      whole().id,
    ]);
    expect(report.runs.find(({ approach }) => approach === 'majority')!.config.folds).toBeNull();
  });

  test('judges each training and validation patient once by the member that has not seen them', async () => {
    const outOfFold = predictionsOf(whole().id).get('out-of-fold')!;
    expect(outOfFold).toHaveLength(whole().result!.ensemble!.images);
    expect(outOfFold.every(({ disagreement }) => disagreement === undefined)).toBe(true);
    const { results, openings } = await app.evaluate(sample.project);
    expect(openings.filter(({ setName }) => setName === 'test')).toHaveLength(1);
    const crossValidated = results.find(({ setName }) => setName === 'out-of-fold')!;
    expect(crossValidated.table.models.map(({ images }) => images)).toEqual([outOfFold.length]);
    // The validation patients are judged out of fold as well: members have learned from those of the other folds.
    const keyOf = (one: Prediction): string => `${one.instanceId}/${one.frameIndex}`;
    const known = new Map(outOfFold.map((one) => [keyOf(one), one.probabilities]));
    const validation = predictionsOf(whole().id).get('validation')!;
    const shared = validation.filter((one) => one.excluded === null && known.has(keyOf(one)));
    expect(shared.length).toBeGreaterThan(5);
    for (const one of shared) closeTo(one.probabilities, known.get(keyOf(one))!, 1e-6);
  });

  test('answers for the test set with the mean of its members, and says how far they are apart', () => {
    const test = predictionsOf(whole().id).get('test')!;
    expect(test.length).toBeGreaterThan(5);
    for (const { probabilities, disagreement } of test) {
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(disagreement).toBeGreaterThan(0);
    }
    const mean = joined([Float32Array.of(0.2, 0.8, 0.5, 0.5), Float32Array.of(0.6, 0.4, 0.5, 0.5)], 2);
    closeTo(mean.probabilities, Float32Array.of(0.4, 0.6, 0.5, 0.5), 1e-7);
    // (0.2² + 0.2²) for each of two classes, halved; and none where they agree.
    closeTo(mean.disagreement, Float32Array.of(0.08, 0), 1e-7);
  });

  test('shows on the page how far its members are apart, and the other models nothing of the kind', async () => {
    const desk = await openDesk(sample.project);
    try {
      const comparisonId = whole().comparisonId;
      const { scores } = await desk.ask('evaluations.result', { comparisonId, setName: 'test' });
      const [guessing, ensemble] = ['majority', 'fine-tuned'].map((name) =>
        scores.runs.find(({ approach }) => approach === name)!,
      );
      expect(guessing.disagreement).toBeUndefined();
      const known = predictionsOf(whole().id).get('test')!;
      expect(ensemble.disagreement).toHaveLength(known.length);
      const classes = known[0].probabilities.length;
      closeTo(
        ensemble.disagreement!,
        known.map(({ disagreement }) => Math.sqrt(disagreement! / classes)),
        1e-5,
      );
    } finally {
      await desk.close();
    }
  });

  test('is exported as one graph that says what its members say on average', async () => {
    const exported = await app.exportModel(sample.project);
    expect(exported.runId).toBe(whole().id);
    expect(exported.largestDifference).toBeLessThan(1e-5);
    const file = await openOnnx(readFileSync(join(sample.project, exported.path)));
    const image = Float32Array.from({ length: 32 * 32 }, (_, i) => (i % 37) / 37);
    const { probabilities } = await file.run({ image }, { image: [1, 32, 32, 1] });
    expect(probabilities.data).toHaveLength(loadModel(memberFolder(0)).classes.length);
    await file.dispose();
    // The backbone, which stayed frozen, is there once.
    const weights = [0, 1].map((at) => loadModel(memberFolder(at)).parameters.count);
    expect(exported.bytes).toBeLessThan(0.7 * 4 * (weights[0] + weights[1]));
  });

  test('is explained by the mean of the maps of its members, which says so', async () => {
    const [asked] = predictionsOf(whole().id).get('test')!;
    const options = { images: [String(asked.instanceId)], folder: join(sample.folder, 'maps') };
    const { files, check } = await app.explain(sample.project, options);
    const { explanation } = files[0];
    expect(explanation).toMatchObject({ runId: whole().id, members: 2 });
    closeTo(explanation.probabilities, asked.probabilities, 1e-5);
    closeTo(explanation.heatmap.values, await meanOfMaps(explanation), 1e-5);
    expect(check).toMatchObject({ method: 'gradcam', images: 1 });
    expect(check!.steps.at(-1)!.stage).toBe('stem');
  }, 120_000);

  test('is explained on images that it learned from by the one member that has not seen the patient', async () => {
    const stored = predictionsOf(whole().id).get('out-of-fold')!;
    const { members } = whole().result!.ensemble!;
    const asked = [...stored.slice(0, 6), ...predictionsOf(whole().id).get('test')!.slice(0, 1)];
    const { files } = await app.explain(sample.project, {
      images: asked.map(({ instanceId }) => String(instanceId)),
      folder: join(sample.folder, 'unseen'),
      check: false,
    });
    const folds = files.map(({ explanation }) => explanation.fold);
    expect(new Set(folds)).toEqual(new Set([1, 2, null]));
    expect(folds.at(-1)).toBeNull();
    files.forEach(({ explanation }, at) => {
      expect(explanation.members).toBe(explanation.fold === null ? members.length : 1);
      closeTo(explanation.probabilities, asked[at].probabilities, 1e-5);
    });
  }, 120_000);

  test('has no member evaluated or resumed by itself', async () => {
    const [member] = whole().result!.ensemble!.members;
    await expect(app.evaluate(sample.project, { runId: member.runId })).rejects.toThrow(
      /found \d+, which is a part of an ensemble/,
    );
  });

  /** The maps of both members, made one by one, over the image as the dialog shows it. */
  const meanOfMaps = (explanation: Explanation): Promise<Float32Array> =>
    withSession(sample.project, {}, async (session) => {
      const { instanceId, frameIndex, classIndex } = explanation;
      const { db } = session.project;
      const run = getRun(db, whole().id)!;
      const dataset = await prepare(session, splitOfRun(db, run), run.preprocessing, {});
      const samples = samplesOf(db, run, dataset, [{ instanceId, frameIndex }]);
      const images = openImageSource(dataset);
      const executor = await openExecutor({ engine: 'compiled', threads: 1 });
      const maps = await Promise.all(
        [0, 1].map(async (at) => {
          const targets = [{ sample: samples[0], classIndex }];
          const request = { method: 'gradcam' } as const;
          const model = loadModel(memberFolder(at));
          const [map] = await explainTargets([model], targets, request, { executor, images });
          return { ...map, values: toLargest(map.values) };
        }),
      );
      await executor.dispose();
      images.close();
      expect(Math.max(...maps.map(({ values }) => Math.max(...values)))).toBe(1);
      const values = maps[0].values.map((value, at) => (value + maps[1].values[at]) / 2);
      const { rows, columns } = explanation.heatmap.image;
      return overImage({ ...maps[0], values }, { rows, columns, pixelAspect: 1 }, run.preprocessing).values;
    });

  const memberFolder = (at: number): string =>
    join(sample.project, 'runs', String(whole().result!.ensemble!.members[at].runId), 'model');
});

function closeTo(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const gap = Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i])));
  expect(gap).toBeLessThan(tolerance);
}
