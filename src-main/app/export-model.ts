import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Dataset } from '../contract/dataset.ts';
import type { ExportedModel, Run } from '../contract/run.ts';
import type { ExporterTask, ExportOutcome } from '../jobs/exporter-worker.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import { modelFoldersOf } from '../jobs/predict-ensemble.ts';
import { getSplit } from '../store/index.ts';
import { saveExportedModel } from '../store/models.ts';
import { getComparison } from '../store/runs.ts';
import { chooseModelRun } from './choose-run.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';
import { exportTravelling } from './travelling/export-travelling.ts';
import { openImages } from './travelling/open-images.ts';
import { writeInferenceFolder } from './inference-folder.ts';

export interface ExportOptions {
  /** Default: the fine-tuned run of the comparison made last, or what there is of it. */
  runId?: number;
  /**
   * `onnx`: one file; `tfjs`: a folder with `model.json` and weights for TensorFlow.js; `folder`: the ONNX file with preprocessing, labels,
   * thresholds and examples of use in Python and JavaScript; `graft`: a folder that another Graft can adapt. Default `onnx`.
   */
  format?: ExportFormat;
  /** Where the file or folder goes. Default: `models/run-<id>.onnx`, `models/run-<id>-tfjs`, `models/run-<id>-inference`, `models/run-<id>-graft` in the project. */
  path?: string;
  /** Largest difference of a probability from the trainer's. Default 1e-5. */
  tolerance?: number;
}

export const exportFormats = ['onnx', 'tfjs', 'folder', 'graft'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Images that the file has to be right on; fewer where each takes seconds, as TensorFlow.js does without a graphics card. */
const COMPARED = { onnx: 64, tfjs: 8 };

const PLACES: Record<ExportFormat, { name: string; file: string }> = {
  onnx: { name: '.onnx', file: '' },
  tfjs: { name: '-tfjs', file: 'model.json' },
  folder: { name: '-inference', file: 'model.onnx' },
  graft: { name: '-graft', file: 'model.json' },
};

/**
 * Writes a run's model for use elsewhere: `image` `[batch, height, width, channels]` in [0, 1] → `probabilities`. It is run on real images
 * of the project and kept only when its probabilities equal the trainer's.
 *
 * @throws GraftError `run-missing`, `run-not-exportable`, `export-differs`, `tfjs-missing`, `cancelled`
 */
export async function exportModel(
  session: Session,
  options: ExportOptions = {},
  reporting: Reporting = {},
): Promise<ExportedModel> {
  const { project, jobs } = session;
  const run = chooseModelRun(session, options.runId);
  const split = getSplit(project.db, getComparison(project.db, run.comparisonId)!.splitId)!;
  const { dataset, open } = await openImages(session, run, split, reporting);
  const { format = 'onnx' } = options;
  const { name, file } = PLACES[format];
  const place = resolve(options.path ?? join(project.paths.models, `run-${run.id}${name}`));
  const path = join(place, file);
  mkdirSync(dirname(path), { recursive: true });
  const stored = { runId: run.id, path: pathToStore(project.folder, path) };
  const tolerance = options.tolerance ?? 1e-5;
  if (format === 'graft') {
    const images = { run, split, dataset, compared: open.slice(0, COMPARED.onnx) };
    const written = await exportTravelling(session, images, place, tolerance, reporting);
    return saveExportedModel(project.db, format, { ...stored, ...written });
  }
  const kind = format === 'tfjs' ? 'tfjs' : 'onnx';
  const task: ExporterTask = {
    modelFolders: modelFoldersOf(project, run),
    dataset,
    samples: open.slice(0, COMPARED[kind]),
    config: run.config,
    format: kind,
    path,
    metadata: metadataOf(run, dataset),
    tolerance,
  };
  const title = `Export of run ${run.id}`;
  const outcome = await jobs.run({ kind: 'export', title, ...reporting }, ({ signal, onProgress }) =>
    runInWorker<ExporterTask, never, ExportOutcome>(
      new URL('../jobs/exporter-worker.ts', import.meta.url),
      task,
      { what: 'The export', signal, onProgress },
    ),
  );
  if (format === 'folder') writeInferenceFolder(project.db, place, run, dataset);
  return saveExportedModel(project.db, format, { ...stored, ...outcome });
}

function metadataOf(run: Run, dataset: Dataset): Record<string, string> {
  return {
    producer: `Graft ${run.environment.graft}`,
    classes: JSON.stringify(dataset.classes),
    output: describeOutput(run, dataset),
    input: 'float32 in [0, 1], [batch, height, width, channels], 0 is black',
    preprocessing: JSON.stringify(dataset.preprocessing),
    approach: run.approach,
    ...(run.config.folds === null ? {} : { members: String(run.config.folds) }),
    model: run.config.modelName,
    split: dataset.splitHash,
  };
}

/** How the file's probabilities are to be read. */
function describeOutput({ config }: Run, { multiLabel }: Dataset): string {
  if (multiLabel) return 'sigmoid: one probability for each class, independent of the others';
  return config.head.output === 'sigmoid'
    ? 'sigmoid: 1 − p and p of two classes'
    : 'softmax: probabilities of the classes, adding up to 1';
}

/** Inside the project relative and with forward slashes, elsewhere absolute. */
function pathToStore(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}
