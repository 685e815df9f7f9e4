import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { WeightOptions, WeightReport } from '../contract/weights.ts';
import { modelFromWeights, openWeightFile, saveModel } from '../models/index.ts';
import { serveWorker } from './serve-worker.ts';

export interface WeightsTask {
  /** The weights file, or a folder with one in it. */
  path: string;
  options: WeightOptions;
  /** Where the model is saved; null only looks. */
  folder: string | null;
}

export interface ReadWeights {
  report: WeightReport;
  /** Of the file as the person has it, and of its parts behind it; null when it was only looked at. */
  sha256: string | null;
}

/** Reads a weights file that somebody has: in a process of its own, so that one that means ill can hurt nothing else. */
async function readWeights({ path, options, folder }: WeightsTask): Promise<ReadWeights> {
  const file = await openWeightFile(path);
  try {
    const { model, report } = modelFromWeights(file, options);
    if (folder === null) return { report, sha256: null };
    saveModel(folder, model);
    return { report, sha256: await checksum([file.path, ...(file.parts ?? [])]) };
  } finally {
    file.close();
  }
}

async function checksum(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}

serveWorker(readWeights);
