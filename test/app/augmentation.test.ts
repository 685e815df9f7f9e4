import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type { ToldAugmentation } from '../../src-main/app/choose-augmentation.ts';
import { augmentationTables } from '../../src-main/contract/augmentation-presets.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

describe('augmentation of a project’s own images', () => {
  let sample: SampleProject;
  const app = createApp();
  beforeAll(async () => {
    sample = await sampleProject();
  }, 60_000);
  afterAll(() => sample?.remove());

  it('is told by their headers, warns of sides, and is written out in the run', async () => {
    const told: ToldAugmentation[] = [];
    const { settings, ...options } = smallTraining(sample.model);
    const { runs } = await app.trainModel(sample.project, {
      ...options,
      settings: { ...settings, augmentation: { preset: 'auto', flipHorizontal: true, rotate: 3 } },
      approaches: ['majority'],
      onAugmentation: (one) => told.push(one),
    });
    expect(told[0]).toMatchObject({ preset: 'ct', sides: 'matter', warnings: [{ tone: 'unwise' }] });
    expect(runs[0].config.augmentation).toEqual({
      ...augmentationTables.ct,
      preset: 'ct',
      flipHorizontal: true,
      rotate: 3,
    });
  }, 60_000);

  it('is shown on a sheet: each training image, then versions of it', async () => {
    const path = join(sample.folder, 'sheet.png');
    const { settings, ...options } = smallTraining(sample.model);
    const plan = { ...options, settings: { ...settings, augmentation: { preset: 'none' as const } } };
    const shown = await app.previewAugmentation(sample.project, plan, path);
    expect(shown).toMatchObject({ path, images: 6, versions: 7, told: { preset: 'none' } });
    const size = (file: string): number[] => {
      const bytes = readFileSync(file);
      return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    };
    expect(size(path)).toEqual([4 + 32 + 12 + 7 * 36, 4 + 6 * 36]);
    const plain = readFileSync(path);
    await app.previewAugmentation(
      sample.project,
      { ...plan, settings: { ...settings, augmentation: { preset: 'ct' } } },
      path,
    );
    expect(readFileSync(path).equals(plain)).toBe(false);
    expect(size(path)).toEqual([4 + 32 + 12 + 7 * 36, 4 + 6 * 36]);
  }, 60_000);
});
