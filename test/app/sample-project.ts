import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSampleHospitals } from '../../src-main/samples/index.ts';
import { createApp, type TrainOptions } from '../../src-main/app/index.ts';
import { saveSmallModel } from './small-model.script.ts';

/** Two drawn hospitals of a few patients, imported and labelled, and a small model to start from. */
export interface SampleProject {
  folder: string;
  project: string;
  model: string;
  remove(): void;
}

export async function sampleProject(): Promise<SampleProject> {
  const folder = mkdtempSync(join(tmpdir(), 'graft-app-'));
  process.env.GRAFT_HOME = join(folder, 'home');
  const project = join(folder, 'project');
  const model = join(folder, 'model');
  saveSmallModel(model);
  const { folders, labels } = await writeSampleHospitals(join(folder, 'data'), { patientsPerHospital: 12 });
  const app = createApp();
  await app.importFolder(project, folders.a);
  await app.importFolder(project, folders.b);
  await app.labelImages(project, labels);
  return {
    folder,
    project,
    model,
    remove: () => {
      delete process.env.GRAFT_HOME;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Hospital A for training, B kept apart; 32² images, three short epochs on one thread. */
export const smallTraining = (model: string): TrainOptions => ({
  split: {
    options: { filter: { source: 'hospital-a' }, evaluationSets: { 'hospital-b': { source: 'hospital-b' } } },
  },
  settings: { initial: model, epochs: 3, headEpochs: 1, threads: 1, augmentation: { variants: 2 } },
  preprocessing: { height: 32, width: 32 },
});
