import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { preprocessingSpec } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { selfSupervisionSchema, type UnfinishedPretraining } from '../contract/self-supervision.ts';
import { writeFileAtomic } from '../platform/files.ts';
import type { Project } from '../store/index.ts';

/**
 * Everything that a pre-training without labels was started with. It lies in the run's folder, beside its checkpoint, until the model is added
 * to the project: what is there is unfinished.
 */
const recordFile = z.object({
  title: z.string(),
  startedAt: z.string(),
  config: selfSupervisionSchema,
  preprocessing: preprocessingSpec,
  parent: z.object({
    name: z.string(),
    title: z.string(),
    sha256: z.string().nullable(),
    sourceTask: z.string(),
    licence: z.string(),
  }),
  datasets: z.array(z.string()).nullable(),
  /** The images as they were chosen: what is imported later takes no part. */
  instanceIds: z.array(z.int()),
  heldOut: z
    .object({
      splitId: z.int(),
      splitHash: z.string(),
      instanceIds: z.array(z.int()),
      patients: z.int(),
      leftOut: z.int(),
    })
    .nullable(),
});
export type PretrainingRecord = z.output<typeof recordFile>;

const PREFIX = 'pretraining-';
const FILE = 'pretraining.json';

type Located = Pick<Project, 'paths'>;

export const pretrainingFolder = ({ paths }: Located, id: number): string =>
  join(paths.runs, `${PREFIX}${id}`);

/** Keeps what a pre-training is started with, under a new number. */
export function createPretraining(project: Located, record: PretrainingRecord): number {
  const id = Math.max(0, ...numbers(project)) + 1;
  const folder = pretrainingFolder(project, id);
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, FILE), JSON.stringify(record));
  return id;
}

/** @throws GraftError `pretraining-missing` */
export function readPretraining(project: Located, id: number): PretrainingRecord {
  const file = join(pretrainingFolder(project, id), FILE);
  if (existsSync(file)) return recordFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const known = unfinishedPretrainings(project).map((one) => one.id);
  throw new GraftError(
    'pretraining-missing',
    `Expected an unfinished pre-training of this project, found ${id}; ${known.length === 0 ? 'there is none' : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`}.`,
  );
}

/** Takes away all that was kept of one, when its model is added or nobody wants it. */
export function removePretraining(project: Located, id: number): void {
  rmSync(pretrainingFolder(project, id), { recursive: true, force: true });
}

/** Those that were stopped, by a person or by a power cut, the latest first. */
export function unfinishedPretrainings(project: Located): UnfinishedPretraining[] {
  return numbers(project)
    .sort((a, b) => b - a)
    .filter((id) => existsSync(join(pretrainingFolder(project, id), FILE)))
    .map((id) => {
      const { title, startedAt, instanceIds } = readPretraining(project, id);
      return { id, title, startedAt, images: instanceIds.length };
    });
}

function numbers({ paths }: Located): number[] {
  if (!existsSync(paths.runs)) return [];
  return readdirSync(paths.runs)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => Number(name.slice(PREFIX.length)))
    .filter(Number.isInteger);
}
