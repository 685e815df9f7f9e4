import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Resource } from '../../contract/resources.ts';
import { sha256 } from '../../platform/files.ts';
import type { Desk } from './desk.ts';
import { pixelAspectOf, requireInstance } from './instance-of.ts';

/** Pixels. */
const SIDE = 160;

/** A small picture of one frame, made once for each state of its file and kept in the project's cache. */
export async function readThumbnail(
  desk: Desk,
  instanceId: number,
  frameIndex: number,
  signal?: AbortSignal,
): Promise<Resource> {
  const instance = requireInstance(desk, instanceId);
  const { size, mtimeMs, absolutePath: path } = instance;
  const name = sha256(JSON.stringify([instanceId, frameIndex, size, mtimeMs, SIDE])).slice(0, 32);
  const file = join(desk.session.project.paths.cache, 'thumbnails', name.slice(0, 2), `${name}.png`);
  const kept = await readFile(file).catch(() => null);
  if (kept && kept.length > 0) return { status: 200, type: 'image/png', body: kept };
  const pixelAspect = pixelAspectOf(instance);
  const task = { kind: 'thumbnail' as const, path, frameIndex, side: SIDE, pixelAspect };
  const body = await desk.pictures.thumbnail(name, task, signal);
  await keep(file, body);
  return { status: 200, type: 'image/png', body };
}

/** Whole or not at all, without waiting for the disk: what is lost with the power is made again. */
async function keep(file: string, body: Uint8Array): Promise<void> {
  const beside = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(beside, body);
    await rename(beside, file);
  } catch {
    // A full disk is said where work stops for it; a picture can be shown without being kept.
  }
}
