import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource } from '../../contract/resources.ts';
import { sha256, writeFileAtomic } from '../../platform/files.ts';
import type { Desk } from './desk.ts';
import { pixelAspectOf, requireInstance } from './instance-of.ts';

/** Pixels. */
const SIDE = 160;

/** A small picture of one frame, made once for each state of its file and kept in the project's cache. */
export async function readThumbnail(desk: Desk, instanceId: number, frameIndex: number): Promise<Resource> {
  const instance = requireInstance(desk, instanceId);
  const { size, mtimeMs, absolutePath: path } = instance;
  const name = sha256(JSON.stringify([instanceId, frameIndex, size, mtimeMs, SIDE])).slice(0, 32);
  const file = join(desk.session.project.paths.cache, 'thumbnails', name.slice(0, 2), `${name}.png`);
  const headers = { 'cache-control': 'private, max-age=3600' };
  if (existsSync(file)) return { status: 200, type: 'image/png', body: await readFile(file), headers };
  const { body } = await desk.pictures.run({
    kind: 'thumbnail',
    path,
    frameIndex,
    side: SIDE,
    pixelAspect: pixelAspectOf(instance),
  });
  writeFileAtomic(file, body);
  return { status: 200, type: 'image/png', body, headers };
}
