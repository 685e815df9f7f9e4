import { z } from 'zod';
import type { Prediction } from '../contract/run.ts';
import { sha256 } from '../platform/files.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import { savePredictions } from './predictions.ts';

/** One set that a run predicted: `validation`, `test`, or the name of an evaluation set. */
export interface StoredEvaluation {
  id: number;
  runId: number;
  setName: string;
  evaluatedAt: string;
}

const evaluationRow = z
  .object({ id: z.int(), run_id: z.int(), set_name: z.string(), evaluated_at: z.string() })
  .transform((row): StoredEvaluation => ({
    id: row.id,
    runId: row.run_id,
    setName: row.set_name,
    evaluatedAt: row.evaluated_at,
  }));

/** Stores what a run predicted for a set, whole or not at all; an earlier evaluation of the same set is replaced. */
export function saveEvaluation(
  db: WritableDatabase,
  runId: number,
  setName: string,
  predictions: readonly Prediction[],
): void {
  db.transaction(() => {
    const id = z.int().parse(
      db
        .prepare(
          `INSERT INTO evaluations (run_id, set_name, evaluated_at) VALUES (?, ?, ?)
           ON CONFLICT (run_id, set_name) DO UPDATE SET evaluated_at = excluded.evaluated_at RETURNING id`,
        )
        .pluck()
        .get(runId, setName, new Date().toISOString()),
    );
    savePredictions(db, id, predictions);
    const told = predictions.map(({ probabilities }) => bytesOf(probabilities));
    appendAudit(db, 'evaluation', {
      run: runId,
      set: setName,
      images: predictions.length,
      sha256: sha256(Buffer.concat(told)),
    });
  })();
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Whether a run has predicted a set. */
export const isEvaluated = (db: ReadableDatabase, runId: number, setName: string): boolean =>
  listEvaluations(db, runId).some((one) => one.setName === setName);

/** In the order in which the sets were first evaluated. */
export function listEvaluations(db: ReadableDatabase, runId: number): StoredEvaluation[] {
  const rows = db.prepare('SELECT * FROM evaluations WHERE run_id = ? ORDER BY id').all(runId);
  return z.array(evaluationRow).parse(rows);
}
