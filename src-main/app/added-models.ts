import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { AddedModel } from '../contract/calls/models.ts';
import { GraftError } from '../contract/errors.ts';
import type { Lineage } from '../contract/self-supervision.ts';
import { type WeightOptions, weightOptions, type WeightReport } from '../contract/weights.ts';
import type { JobHandle } from '../jobs/job-runner.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import type { ReadWeights, WeightsTask } from '../jobs/weights-worker.ts';
import { countParameters, loadModel, modelCards } from '../models/index.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';
import type { Project } from '../store/index.ts';

const CARD = 'added.json';
/** What stays of a model that was removed and had seen images of this project: reports of its trainings still have to say so. */
const REMOVED_CARD = 'removed.json';

const card = z.object({
  modelName: z.string(),
  title: z.string(),
  licence: z.string(),
  source: z.string(),
  sourceTask: z.string().default(''),
  sha256: z.string(),
  addedAt: z.string(),
  parameters: z.number(),
  report: z.custom<WeightReport>().nullable().default(null),
  lineage: z.custom<Lineage>().nullable().default(null),
});

/** What a person says of weights that they add. */
export interface AddModelInput {
  /** A weights file, a folder with one in it, or the folder of a model that Graft saved. */
  path: string;
  title: string;
  /** Where they come from: an address, a paper, a person. */
  source: string;
  licence: string;
  /** What they were trained for: "ImageNet, 1,000 classes". */
  sourceTask?: string;
  options?: Partial<WeightOptions>;
}

type Reporting = Partial<JobHandle>;

/** Weights that were added to a project, by their title. */
export function addedModels({ paths }: Pick<Project, 'paths'>): AddedModel[] {
  if (!existsSync(paths.models)) return [];
  return readdirSync(paths.models)
    .flatMap((id) => {
      const folder = join(paths.models, id);
      const file = join(folder, CARD);
      return existsSync(file) ? [{ id, folder, ...card.parse(JSON.parse(readFileSync(file, 'utf8'))) }] : [];
    })
    .sort((a, b) => a.title.localeCompare(b.title));
}

/** What an added model's folder says of it, also after it was removed; undefined for other folders. */
export function addedModelIn(folder: string): AddedModel | undefined {
  const file = [CARD, REMOVED_CARD].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined) return undefined;
  return { id: basename(folder), folder, ...card.parse(JSON.parse(readFileSync(file, 'utf8'))) };
}

/**
 * Looks at a weights file: which network it is of, what of it fits and what does not. Nothing is kept.
 *
 * @throws GraftError `weights-missing`, `weights-format`, `weights-file`, `weights-unmatched`, `cancelled`, `worker-died`
 */
export async function inspectWeights(
  path: string,
  options: Partial<WeightOptions> = {},
  reporting: Reporting = {},
): Promise<WeightReport> {
  const { report } = await inWorker(
    { path: resolve(path), options: weightOptions.parse(options), folder: null },
    reporting,
  );
  return report;
}

/**
 * Adds weights to a project: those of a file are read, matched to a network of the library and written as a model of Graft's; a
 * model that Graft saved is copied, after reading it whole. With it are kept where it comes from, its licence and what it was
 * trained for, the checksum of what was read, and what became of each array.
 *
 * @throws GraftError `weights-missing`, `weights-format`, `weights-file`, `weights-unmatched`, `cancelled`, `worker-died`, and what
 * `loadModel` throws
 */
export async function addModel(
  { paths }: Pick<Project, 'paths'>,
  input: AddModelInput,
  reporting: Reporting = {},
): Promise<AddedModel> {
  mkdirSync(paths.models, { recursive: true });
  const making = join(paths.models, `.adding-${process.pid}-${Date.now()}`);
  try {
    const made = isSavedModel(input.path)
      ? copySaved(savedModelFolder(input.path), making)
      : await readForeign(input, making, reporting);
    const { title, source, licence, sourceTask = '' } = input;
    return keepModel(
      { paths },
      making,
      { ...made, title, source, sourceTask, licence: licence || 'not stated', lineage: null },
      // The same file for grey images is another model: what was trained from the one for colour still lies where its runs look.
      made.report?.adapted.length ? `${made.modelName}-grey` : made.modelName,
    );
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Makes a folder with a model of Graft's one of the project's: it is moved, whole or not at all.
 *
 * @param name what its id begins with; the checksum follows
 */
export function keepModel(
  { paths }: Pick<Project, 'paths'>,
  making: string,
  kept: Omit<AddedModel, 'id' | 'folder' | 'addedAt'>,
  name: string,
): AddedModel {
  mkdirSync(paths.models, { recursive: true });
  const id = `${name.replace(/[^\w.-]/g, '-')}-${kept.sha256.slice(0, 8)}`;
  const written = { ...kept, addedAt: new Date().toISOString() };
  writeFileAtomic(join(making, CARD), `${JSON.stringify(written, null, 2)}\n`);
  const folder = join(paths.models, id);
  // The same weights once more: what is said of them now counts.
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
  return { id, folder, ...written };
}

export function removeModel({ paths }: Pick<Project, 'paths'>, id: string): void {
  const folder = join(paths.models, id);
  if (!addedModelIn(folder)?.lineage) return rmSync(folder, { recursive: true, force: true });
  renameSync(join(folder, CARD), join(folder, REMOVED_CARD));
  for (const name of OWN_FILES) rmSync(join(folder, name), { force: true });
}

type Made = Pick<AddedModel, 'modelName' | 'sha256' | 'parameters' | 'report'>;

async function readForeign(
  { path, options }: AddModelInput,
  folder: string,
  reporting: Reporting,
): Promise<Made> {
  mkdirSync(folder, { recursive: true });
  const task = { path: resolve(path), options: weightOptions.parse(options ?? {}), folder };
  const { report, sha256: digest } = await inWorker(task, reporting);
  return { modelName: report.architecture, sha256: digest!, parameters: report.parameters, report };
}

function inWorker(task: WeightsTask, reporting: Reporting): Promise<ReadWeights> {
  if (!existsSync(task.path)) {
    throw new GraftError(
      'weights-missing',
      `Expected weights at ${task.path}, found nothing there. Choose the file again.`,
    );
  }
  return runInWorker<WeightsTask, never, ReadWeights>(
    new URL('../jobs/weights-worker.ts', import.meta.url),
    task,
    {
      what: `Reading ${basename(task.path)}`,
      ...reporting,
    },
  );
}

const OWN_FILES = ['model.json', 'weights.safetensors'];

/** Whether this is a folder of Graft's own, or one of the two files in it. */
export function isSavedModel(path: string): boolean {
  const folder = savedModelFolder(path);
  return OWN_FILES.every((name) => existsSync(join(folder, name)));
}

const savedModelFolder = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);

function copySaved(from: string, folder: string): Made {
  const model = loadModel(from);
  mkdirSync(folder, { recursive: true });
  for (const name of OWN_FILES) cpSync(join(from, name), join(folder, name));
  const digest = sha256(readFileSync(join(from, 'weights.safetensors')));
  return {
    modelName: model.network.name,
    sha256: digest,
    parameters: countParameters(model.network),
    report: null,
  };
}

/**
 * A model by what a person calls it: one of the library, or one that was added to the project, by its id or title.
 *
 * @returns the name in the library and what to start from
 * @throws GraftError `model-unknown`
 */
export function chosenModel(
  project: Pick<Project, 'paths'>,
  name: string,
): { modelName: string; initial?: string } {
  if (modelCards().some((one) => one.name === name)) return { modelName: name };
  const added = addedModels(project);
  const found = added.find(({ id, title }) => id === name || title === name);
  if (found) return { modelName: found.modelName, initial: found.folder };
  throw new GraftError(
    'model-unknown',
    `Expected a model of the library (${modelCards()
      .map((one) => one.name)
      .join(
        ', ',
      )}) or one added to this project (${added.map(({ id }) => id).join(', ') || 'none yet'}), found "${name}".`,
  );
}
