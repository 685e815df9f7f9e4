import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { ExportedModel } from '../contract/run.ts';
import type { TrainingSettings } from '../contract/training.ts';
import { writeSampleHospitals } from '../samples/index.ts';
import { deleteProjectKey } from '../store/index.ts';
import { evaluate, type EvaluateReport } from './evaluate.ts';
import { exportModel } from './export-model.ts';
import { importFolder, labelImages } from './import-folder.ts';
import { withSession } from './session.ts';
import { writeReport, type WrittenReport } from './write-report.ts';
import type { Reporting } from './reporting.ts';
import { trainModel, type TrainOptions } from './train-model.ts';

export interface DemoOptions {
  /** Default 60. */
  patientsPerHospital?: number;
  settings?: TrainingSettings;
  preprocessing?: TrainOptions['preprocessing'];
  /** Told at the beginning of each step, in words for people. */
  onStep?: (step: string) => void;
}

export interface DemoReport {
  project: string;
  evaluation: EvaluateReport;
  exported: ExportedModel;
  report: WrittenReport;
}

/** What makes a folder ours to clear. */
const MARK = '.graft-demo';

/**
 * Enough to show what transfer does, and well within five minutes on two cores. Patients may be mirrored here: in these
 * drawings no side means anything.
 */
const SETTINGS: TrainingSettings = {
  freezeUntil: 'stem',
  epochs: 16,
  headEpochs: 3,
  learningRate: 1e-3,
  augmentation: { flipHorizontal: true, variants: 3 },
};

/**
 * The whole job on sample data: two drawn hospitals, training at the first, evaluation at both, a checked export. What
 * an earlier demo left in the folder is replaced; a folder with anything else in it is refused.
 *
 * @throws GraftError `folder-not-empty`, `cancelled`, and what the steps throw
 */
export async function demo(
  folder: string,
  options: DemoOptions = {},
  reporting: Reporting = {},
): Promise<DemoReport> {
  const { onStep = () => {}, patientsPerHospital } = options;
  const root = emptyDemoFolder(folder);
  const project = join(root, 'project');
  onStep('Drawing two hospitals as DICOM files');
  const { folders, labels } = await writeSampleHospitals(join(root, 'data'), {
    ...reporting,
    ...(patientsPerHospital === undefined ? {} : { patientsPerHospital }),
  });
  return withSession(project, { create: true, name: 'Two drawn hospitals' }, async (session) => {
    onStep('Importing both');
    const a = await importFolder(session, folders.a, {}, reporting);
    const b = await importFolder(session, folders.b, {}, reporting);
    await labelImages(session, labels);
    const [home, away] = [a, b].map(({ images }) => images.source.name);
    onStep(`Training on ${home}: majority class, probe, from scratch, fine-tuned`);
    await trainModel(
      session,
      {
        split: {
          options: {
            filter: { source: home },
            fractions: { train: 0.55, validation: 0.15, test: 0.3 },
            evaluationSets: { [away]: { source: away } },
          },
        },
        settings: { ...SETTINGS, ...options.settings },
        ...(options.preprocessing ? { preprocessing: options.preprocessing } : {}),
      },
      reporting,
    );
    onStep(`Evaluating on the test set of ${home}, and on ${away}`);
    const evaluation = await evaluate(session, {}, reporting);
    onStep('Exporting the fine-tuned model');
    const exported = await exportModel(session, {}, reporting);
    onStep('Writing the report');
    const report = await writeReport(session, {}, reporting);
    return { project, evaluation, exported, report };
  });
}

function emptyDemoFolder(folder: string): string {
  const root = resolve(folder);
  const entries = existsSync(root) ? readdirSync(root) : [];
  if (entries.length > 0 && !entries.includes(MARK)) {
    throw new GraftError(
      'folder-not-empty',
      `Expected a new folder for the demo, or that of an earlier one; found other files in ${root}. Name another folder.`,
    );
  }
  deleteProjectKey(join(root, 'project'));
  for (const name of ['data', 'project']) rmSync(join(root, name), { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, MARK), 'Made by graft demo, which replaces data and project at its next start.\n');
  return root;
}
