import { z } from 'zod';
import type { PreparationFailure } from '../contract/dataset.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** The hash of one frame's stored values. */
export interface PixelHash {
  instanceId: number;
  frameIndex: number;
  sha256: string;
}

const hashRow = z
  .tuple([z.int(), z.int(), z.string()])
  .transform(([instanceId, frameIndex, sha256]): PixelHash => ({ instanceId, frameIndex, sha256 }));

/** All hashes known, by instance and frame. */
export function listPixelHashes(db: ReadableDatabase): PixelHash[] {
  return db
    .prepare('SELECT instance_id, frame_index, sha256 FROM pixel_hashes ORDER BY 1, 2')
    .raw()
    .all()
    .map((row) => hashRow.parse(row));
}

/** Stores hashes of frames that decoded, and failures of those that did not; what was known of them is replaced. */
export function savePreparation(
  db: WritableDatabase,
  hashes: readonly PixelHash[],
  failures: readonly PreparationFailure[],
): void {
  const saveHash = db.prepare('INSERT OR REPLACE INTO pixel_hashes VALUES (?, ?, ?)');
  const removeHash = db.prepare('DELETE FROM pixel_hashes WHERE instance_id = ? AND frame_index = ?');
  const saveFailure = db.prepare('INSERT OR REPLACE INTO preparation_failures VALUES (?, ?, ?, ?)');
  const removeFailure = db.prepare(
    'DELETE FROM preparation_failures WHERE instance_id = ? AND frame_index = ?',
  );
  db.transaction(() => {
    for (const { instanceId, frameIndex, sha256 } of hashes) {
      saveHash.run(instanceId, frameIndex, sha256);
      removeFailure.run(instanceId, frameIndex);
    }
    for (const { instanceId, frameIndex, code, message } of failures) {
      saveFailure.run(instanceId, frameIndex, code, message);
      removeHash.run(instanceId, frameIndex);
    }
  })();
}

const failureRow = z
  .tuple([z.int(), z.int(), z.string(), z.string()])
  .transform(([instanceId, frameIndex, code, message]): PreparationFailure => ({
    instanceId,
    frameIndex,
    code,
    message,
  }));

/** Every frame that could not be made into a tensor. */
export function listPreparationFailures(db: ReadableDatabase): PreparationFailure[] {
  return db
    .prepare('SELECT instance_id, frame_index, code, message FROM preparation_failures ORDER BY 1, 2')
    .raw()
    .all()
    .map((row) => failureRow.parse(row));
}

/** The hashes of one image's frames. */
export function hashesOfInstance(db: ReadableDatabase, instanceId: number): string[] {
  const rows = db.prepare('SELECT sha256 FROM pixel_hashes WHERE instance_id = ?').pluck().all(instanceId);
  return rows.map((row) => z.string().parse(row));
}

/** The images that have a frame with these pixels. */
export function instancesWithHash(db: ReadableDatabase, sha256: string): number[] {
  const rows = db
    .prepare('SELECT DISTINCT instance_id FROM pixel_hashes WHERE sha256 = ?')
    .pluck()
    .all(sha256);
  return rows.map((row) => z.int().parse(row));
}
