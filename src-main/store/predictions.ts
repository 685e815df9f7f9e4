import { z } from 'zod';
import type { Finding } from '../contract/dataset.ts';
import type { Prediction } from '../contract/run.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const predictionRow = z
  .object({
    instance_id: z.int().nullable(),
    frame_index: z.int(),
    patient_key: z.string(),
    subgroup: z.string().nullable(),
    label: z.int(),
    findings: z.string().nullable(),
    probabilities: z.instanceof(Uint8Array),
    disagreement: z.number().nullable(),
    excluded: z.string().nullable(),
  })
  .transform((row): Prediction => ({
    instanceId: row.instance_id,
    frameIndex: row.frame_index,
    patientKey: row.patient_key,
    subgroup: row.subgroup,
    label: row.label,
    ...(row.findings === null ? {} : { findings: JSON.parse(row.findings) as Finding[] }),
    probabilities: fromBytes(row.probabilities),
    ...(row.disagreement === null ? {} : { disagreement: row.disagreement }),
    excluded: row.excluded,
  }));

/** All supported machines are little-endian, so the bytes are those of the array. */
const toBytes = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** A copy, because a row's bytes may start at any address. */
const fromBytes = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);

/** Replaces the predictions of an evaluation, in the order given. Call inside a transaction. */
export function savePredictions(
  db: WritableDatabase,
  evaluationId: number,
  predictions: readonly Prediction[],
): void {
  db.prepare('DELETE FROM predictions WHERE evaluation_id = ?').run(evaluationId);
  const add = db.prepare(
    `INSERT INTO predictions
       (evaluation_id, position, instance_id, frame_index, patient_key, subgroup, label, probabilities, excluded, findings,
        disagreement)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  predictions.forEach((p, position) =>
    add.run(
      evaluationId,
      position,
      p.instanceId,
      p.frameIndex,
      p.patientKey,
      p.subgroup,
      p.label,
      toBytes(p.probabilities),
      p.excluded,
      p.findings ? JSON.stringify(p.findings) : null,
      p.disagreement ?? null,
    ),
  );
}

export function listPredictions(db: ReadableDatabase, evaluationId: number): Prediction[] {
  const rows = db
    .prepare('SELECT * FROM predictions WHERE evaluation_id = ? ORDER BY position')
    .all(evaluationId);
  return z.array(predictionRow).parse(rows);
}
