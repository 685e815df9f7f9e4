import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type { AddedModel } from '../../src-main/contract/calls/models.ts';
import { sha256 } from '../../src-main/platform/files.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

const GRAPH = new URL('../models/weights/files/graphs/blocks-graph/', import.meta.url).pathname;

/** Each test goes on from the one before, as a person would. */
describe('a graph model of TensorFlow.js in a project', () => {
  const app = createApp();
  let sample: SampleProject;
  let added: AddedModel;
  beforeAll(async () => {
    sample = await sampleProject();
  });
  afterAll(() => sample.remove());

  test('is added with where it comes from, the checksum over all of its files, and what was made of it', async () => {
    added = await app.addModel(sample.project, {
      path: GRAPH,
      title: 'Blocks',
      source: 'a colleague',
      licence: 'CC0-1.0',
      sourceTask: 'nothing',
    });
    expect(added).toMatchObject({
      modelName: 'blocks-graph-tfjs',
      licence: 'CC0-1.0',
      source: 'a colleague',
    });
    expect(added.sha256).toBe(
      sha256(...['model.json', 'group1-shard1of1.bin'].map((name) => readFileSync(join(GRAPH, name)))),
    );
    expect(added.report).toMatchObject({ format: 'TensorFlow.js graph model', classes: 4, channels: 3 });
  });

  test('is fine-tuned behind its frozen stem beside the same network from random weights, and evaluated', async () => {
    const { split, settings } = smallTraining(added.folder);
    const report = await app.trainModel(sample.project, {
      split,
      settings: { ...settings, modelName: added.modelName, epochs: 2, freezeUntil: 'stem' },
      preprocessing: { height: 32, width: 32 },
      approaches: ['scratch', 'fine-tuned'],
    });
    expect(report.runs.map(({ approach, state }) => [approach, state])).toEqual([
      ['scratch', 'done'],
      ['fine-tuned', 'done'],
    ]);
    const { run } = app.listRuns(sample.project).at(-1)!;
    expect(run.result).toMatchObject({ cut: 'stem', frozen: { unmoved: true } });
    expect(existsSync(join(sample.project, run.result!.modelFolder!, 'weights.safetensors'))).toBe(true);
    const { sets } = await app.evaluate(sample.project);
    expect(sets).toContain('test');
  });
});
