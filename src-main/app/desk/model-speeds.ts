import { mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelSpeed } from '../../contract/calls/models.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import { configurationFolder } from '../../store/index.ts';

const speed = z.object({ imagesPerSecond: z.number(), size: z.number(), measuredAt: z.string() });
const stored = z.record(z.string(), speed);

const path = (): string => join(configurationFolder(), 'model-speeds.json');

/** Another processor, another speed. */
const keyOf = (name: string): string => `${name} on ${cpus()[0]?.model.trim()} × ${cpus().length}`;

/** What was measured of a model on this machine; null where nothing was. */
export function modelSpeed(name: string): ModelSpeed | null {
  return read()[keyOf(name)] ?? null;
}

export function saveModelSpeed(name: string, measured: ModelSpeed): void {
  mkdirSync(configurationFolder(), { recursive: true, mode: 0o700 });
  writeFileAtomic(path(), `${JSON.stringify({ ...read(), [keyOf(name)]: measured }, null, 2)}\n`);
}

function read(): z.output<typeof stored> {
  try {
    return stored.parse(JSON.parse(readFileSync(path(), 'utf8')));
  } catch {
    return {};
  }
}
