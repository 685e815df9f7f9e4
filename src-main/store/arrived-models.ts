import { z } from 'zod';
import { type ModelOrigin, modelOriginSchema } from '../contract/model-origin.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** Enters a model of another project, which a run now stands for. The path that it came by is not kept. */
export function addArrivedModel(db: WritableDatabase, runId: number, origin: ModelOrigin): void {
  const { weights, splitHash, run: itsRun } = origin;
  db.transaction(() => {
    db.prepare(
      `INSERT INTO arrived_models (weights, origin, arrived_at) VALUES (?, ?, ?)
       ON CONFLICT (weights) DO UPDATE SET origin = excluded.origin`,
    ).run(weights, JSON.stringify(origin), new Date().toISOString());
    linkRun(db, runId, weights, true);
    appendAudit(db, 'model-arrived', { run: runId, weights, itsRun, itsSplit: splitHash });
  })();
}

/** Says of a run that it stands on a model that arrived: a copy of it, or adapted from it. */
export const addRunOfArrived = (db: WritableDatabase, runId: number, weights: string): void =>
  linkRun(db, runId, weights, false);

function linkRun(db: WritableDatabase, runId: number, weights: string, asItCame: boolean): void {
  db.prepare('INSERT INTO runs_of_arrived (run_id, weights, as_it_came) VALUES (?, ?, ?)').run(
    runId,
    weights,
    Number(asItCame),
  );
}

/** Where the model that a run stands on came from; null where it was trained in this project. */
export function originOfRun(db: ReadableDatabase, runId: number): ModelOrigin | null {
  const found = db
    .prepare(
      `SELECT origin FROM runs_of_arrived JOIN arrived_models ON arrived_models.weights = runs_of_arrived.weights
       WHERE run_id = ?`,
    )
    .pluck()
    .get(runId);
  return found === undefined ? null : modelOriginSchema.parse(JSON.parse(z.string().parse(found)));
}

/** The run that stands for a model as it came; null where it has not come, or that run is not finished. */
export function runOfArrivedModel(db: ReadableDatabase, weights: string): number | null {
  const found = db
    .prepare(
      `SELECT run_id FROM runs_of_arrived JOIN runs ON runs.id = run_id
       WHERE weights = ? AND as_it_came = 1 AND state = 'done' ORDER BY run_id LIMIT 1`,
    )
    .pluck()
    .get(weights);
  return found === undefined ? null : z.int().parse(found);
}
