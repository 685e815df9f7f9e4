import { z } from 'zod';
import type { ExportedModel } from '../contract/run.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const modelRow = z
  .object({
    id: z.int(),
    run_id: z.int(),
    path: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    largest_difference: z.number(),
    images_compared: z.int(),
    exported_at: z.string(),
  })
  .transform((row): ExportedModel => ({
    id: row.id,
    runId: row.run_id,
    path: row.path,
    sha256: row.sha256,
    bytes: row.bytes,
    largestDifference: row.largest_difference,
    imagesCompared: row.images_compared,
    exportedAt: row.exported_at,
  }));

/** Adds an exported model; one exported to the same path before is replaced. */
export function saveExportedModel(
  db: WritableDatabase,
  what: 'onnx' | 'tfjs' | 'folder' | 'graft',
  model: Omit<ExportedModel, 'id' | 'exportedAt'>,
): ExportedModel {
  return db.transaction(() => {
    db.prepare('DELETE FROM models WHERE path = ?').run(model.path);
    const row = db
      .prepare(
        `INSERT INTO models (run_id, path, sha256, bytes, largest_difference, images_compared, exported_at)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *`,
      )
      .get(
        model.runId,
        model.path,
        model.sha256,
        model.bytes,
        model.largestDifference,
        model.imagesCompared,
        new Date().toISOString(),
      );
    const { runId: run, sha256, bytes, largestDifference } = model;
    appendAudit(db, 'export', { what, run, sha256, bytes, largestDifference });
    return modelRow.parse(row);
  })();
}

/** In the order in which they were exported. */
export function listExportedModels(db: ReadableDatabase): ExportedModel[] {
  return z.array(modelRow).parse(db.prepare('SELECT * FROM models ORDER BY id').all());
}
