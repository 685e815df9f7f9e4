import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../src-main/engine/index.ts';
import {
  drawnStream,
  pretrain,
  type ImageStream,
  type PretrainingConfig,
} from '../../src-main/training/index.ts';
import { drawTestImage } from './drawing.script.ts';

const stream = (): ImageStream =>
  drawnStream({
    module: new URL('drawing.script.ts', import.meta.url),
    exportName: 'drawTestImage',
    seed: 3,
    size: 16,
  });

const config: PretrainingConfig = {
  modelName: 'starter',
  classes: ['dark', 'middle', 'bright'],
  size: 16,
  steps: 9,
  batchSize: 6,
  learningRate: 0.02,
  optimizer: { kind: 'sgd' },
  seed: 1,
  source: 'test',
};
const folder = (): string => mkdtempSync(join(tmpdir(), 'graft-pretrain-'));

describe('a stream of drawn images', () => {
  it('gives the same image for the same index, whoever draws it', async () => {
    const images = stream();
    const first = await images.batch(4, 2);
    const second = await images.batch(6, 2);
    await images.close();
    expect(first.labels).toEqual([1, 2]);
    expect(second.pixels.subarray(256)).toEqual(drawTestImage(3, 7, 16).pixels);
  });

  it('passes on why an image could not be drawn', async () => {
    const images = drawnStream({
      module: new URL('drawing.script.ts', import.meta.url),
      exportName: 'missing',
      seed: 1,
      size: 4,
    });
    await expect(images.batch(0, 1)).rejects.toThrow(/not a function/);
    await images.close();
  });
});

describe('pre-training', () => {
  it('learns, and ends the same when it was interrupted at a checkpoint', async () => {
    const executor = await openExecutor({ threads: 1 });
    const images = stream();
    const whole = await pretrain(config, { executor, images, folder: folder(), every: 3 });
    const { reports } = whole;
    expect(reports.map(({ step }) => step)).toEqual([3, 6, 9]);
    expect(reports[2].trainLoss).toBeLessThan(reports[0].trainLoss);

    const interrupted = folder();
    const controller = new AbortController();
    const partly = pretrain(config, {
      executor,
      images,
      folder: interrupted,
      every: 3,
      signal: controller.signal,
      onReport: () => controller.abort(),
    });
    await expect(partly).rejects.toMatchObject({ code: 'cancelled' });
    const resumed = await pretrain(config, {
      executor,
      images,
      folder: interrupted,
      every: 3,
      validation: { images, count: 32 },
    });
    await images.close();
    expect(resumed.model.parameters.hash()).toBe(whole.model.parameters.hash());
    expect(resumed.reports[2].trainLoss).toBe(reports[2].trainLoss);
    expect(resumed.reports[2].validationLoss).toBeGreaterThan(0);
  });
});
