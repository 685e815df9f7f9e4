import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  backboneStages,
  loadModel,
  modelFromWeights,
  openWeightFile,
  saveModel,
} from '../../../src-main/models/index.ts';
import { train } from '../../../src-main/training/index.ts';
import { settings, task } from '../../training/helpers.ts';

const FOLDER = new URL('./files/graphs/', import.meta.url).pathname;

let place: string;
beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'graft-foreign-'))));
afterAll(() => rmSync(place, { recursive: true }));

describe.each(['blocks-graph', 'blocks-layers', 'blocks-2.h5'])('the foreign network %s', (name) => {
  it('is fine-tuned by the ordinary way: what is frozen stays, what learns moves, and all of it is saved', async () => {
    const file = await openWeightFile(join(FOLDER, name));
    const { model, report } = modelFromWeights(file, {});
    file.close();
    expect(report).toMatchObject({ naming: 'its own graph', preprocessing: 'unit', channels: 3 });
    expect(report.graph).toMatchObject({ fixedSize: false, stages: backboneStages(model.network) });
    expect(report.architecture).toMatch(/^blocks-(graph|layers|2)-(tfjs|keras)$/);
    const initial = join(place, name);
    saveModel(initial, model);
    expect(loadModel(initial).network).toEqual(model.network);
    const [stem] = report.graph!.stages;
    const result = await train(
      task(
        settings({ initial, modelName: report.architecture, epochs: 2, headEpochs: 1, freezeUntil: stem }),
      ),
    );
    expect(result.frozen.unmoved).toBe(true);
    expect(result.cut).toBe(stem);
    const after = loadModel(result.modelFolder);
    const moved = (layer: { name: string; stage: string }): boolean =>
      after.parameters.names
        .filter((each) => each.startsWith(`${layer.name}/`) && !each.includes('moving'))
        .some((each) => {
          const before = model.parameters.get(each).data;
          return after.parameters.get(each).data.some((value, at) => value !== before[at]);
        });
    const backbone = model.network.layers.filter(({ stage }) =>
      backboneStages(model.network).includes(stage),
    );
    const withWeights = backbone.filter(({ name: layer }) =>
      model.parameters.names.some((each) => each.startsWith(`${layer}/`)),
    );
    expect(withWeights.filter(({ stage }) => stage === stem).some(moved)).toBe(false);
    expect(withWeights.filter(({ stage }) => stage !== stem).some(moved)).toBe(true);
    expect(after.classes).toEqual(['upright', 'level']);
  });
});

describe('what images have to be', () => {
  it.each([
    ['zoo.keras', 'bytes'],
    ['zoo-graph', 'bytes'],
    ['adapted.keras', 'unit'],
  ])('is read off the first layers of %s: %s', async (name, expected) => {
    const file = await openWeightFile(join(FOLDER, name));
    const { model, report } = modelFromWeights(file, {});
    file.close();
    expect(report.preprocessing).toBe(expected);
    expect(model.preprocessing.scale).toEqual([expected === 'bytes' ? 255 : 1]);
  });
});
