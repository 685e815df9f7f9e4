import { mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { MeasuredCost } from '../contract/cost.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import type { MeasureTask } from '../jobs/measure-worker.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';
import { configurationFolder } from '../store/index.ts';
import { graftVersion } from './environment.ts';
import type { Reporting } from './reporting.ts';

const phaseCost = z.object({ frozenSeconds: z.number(), stepSeconds: z.number(), judgeSeconds: z.number() });
const measuredCost = z.object({
  headOnly: phaseCost.nullable(),
  planned: phaseCost,
  memoryBytes: z.number(),
  batch: z.number(),
  height: z.number(),
  width: z.number(),
  measuredAt: z.string(),
});
const stored = z.record(z.string(), measuredCost);

/** So many are kept, the latest. */
const MOST = 500;

const path = (): string => join(configurationFolder(), 'measured-costs.json');

/**
 * All that was measured on this machine, to look things up in: of any project, because speed depends on the network, the size, the batch
 * and what learns, and on nobody's images.
 */
export function knownCosts(): { of(task: MeasureTask): MeasuredCost | null } {
  const known = read();
  return { of: (task) => known[keyOf(task)] ?? null };
}

/**
 * What a plan costs on this machine: from an earlier measurement, or measured now in a process of its own, and kept.
 *
 * @throws GraftError `cancelled`, `worker-died` (often: it does not fit into memory), and what `measureCost` throws
 */
export async function measureCostOf(
  task: MeasureTask,
  title: string,
  { signal, onProgress }: Reporting,
): Promise<MeasuredCost> {
  const measured = await runInWorker<MeasureTask, never, MeasuredCost>(
    new URL('../jobs/measure-worker.ts', import.meta.url),
    task,
    {
      what: `The measurement of ${title}`,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    },
  );
  const known = Object.entries({ ...read(), [keyOf(task)]: measured });
  const latest = known.sort(([, a], [, b]) => b.measuredAt.localeCompare(a.measuredAt)).slice(0, MOST);
  mkdirSync(configurationFolder(), { recursive: true, mode: 0o700 });
  writeFileAtomic(path(), `${JSON.stringify(Object.fromEntries(latest), null, 2)}\n`);
  return measured;
}

/** All that a step's time depends on, the machine and the engine among it. */
function keyOf({ config, classes, multiLabel, images }: MeasureTask): string {
  const { modelName, initial, freezePreset, freezeUntil, trainableLayers, unfreeze, head, batchSize } =
    config;
  const { batchNormalization, optimizer, engine, threads, mixup, cutmix } = config;
  const what = {
    network: { modelName, initial, head, classes, multiLabel },
    images: [images.height, images.width, images.channels, batchSize],
    learns: { freezePreset, freezeUntil, trainableLayers, unfreeze, batchNormalization },
    // Stages that join by epoch: the last phase is that of the last epoch.
    ...(unfreeze ? { epochs: config.epochs } : {}),
    optimizer: optimizer.kind,
    besides: [config.l2sp > 0, config.focalGamma > 0, mixup > 0, cutmix > 0],
    engine: [engine, threads, graftVersion()],
  };
  return `${modelName} on ${cpus()[0]?.model.trim()} × ${cpus().length}, ${sha256(JSON.stringify(what)).slice(0, 16)}`;
}

function read(): z.output<typeof stored> {
  try {
    return stored.parse(JSON.parse(readFileSync(path(), 'utf8')));
  } catch {
    return {};
  }
}
