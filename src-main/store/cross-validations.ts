import { z } from 'zod';
import type { PlanInput } from '../contract/calls/plans.ts';
import {
  crossValidationSchema,
  type CrossValidation,
  type CrossValidationResult,
  type DealtPatients,
} from '../contract/cross-validation.ts';
import type { ErrorRecord } from '../contract/errors.ts';
import type { JobState } from '../contract/job.ts';
import { sha256 } from '../platform/files.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import { recordOpening } from './openings.ts';
import { saveSplit, type SplitToStore } from './splits.ts';

/** A cross-validation, as it is stored. */
export interface StoredCrossValidation {
  id: number;
  /** Whose patients were dealt. */
  splitId: number;
  state: JobState;
  /** As it was given: fields that it leaves out take their defaults. */
  plan: PlanInput;
  definition: CrossValidation;
  dealt: DealtPatients;
  result: CrossValidationResult | null;
  error: ErrorRecord | null;
  createdAt: string;
  finishedAt: string | null;
}

const now = (): string => new Date().toISOString();
const parsed = <Of>(text: string | null): Of | null => (text === null ? null : (JSON.parse(text) as Of));

const row = z
  .object({
    id: z.int(),
    split_id: z.int(),
    state: z.string(),
    plan: z.string(),
    definition: z.string(),
    dealt: z.string(),
    result: z.string().nullable(),
    error: z.string().nullable(),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .transform((one): StoredCrossValidation => ({
    id: one.id,
    splitId: one.split_id,
    state: one.state as JobState,
    plan: JSON.parse(one.plan) as PlanInput,
    definition: crossValidationSchema.parse(JSON.parse(one.definition)),
    dealt: JSON.parse(one.dealt) as DealtPatients,
    result: parsed<CrossValidationResult>(one.result),
    error: parsed<ErrorRecord>(one.error),
    createdAt: one.created_at,
    finishedAt: one.finished_at,
  }));

/**
 * Adds a cross-validation in state `queued`, with a split for each fold, whole or not at all. Sets kept for a test whose patients it deals are
 * counted as opened in the same moment.
 *
 * @param folds in order, from fold 1
 */
export function createCrossValidation(
  db: WritableDatabase,
  {
    splitId,
    plan,
    definition,
    dealt,
  }: Pick<StoredCrossValidation, 'splitId' | 'plan' | 'definition' | 'dealt'>,
  folds: readonly SplitToStore[],
): StoredCrossValidation {
  const id = db.transaction(() => {
    const texts = [plan, definition, dealt].map((value) => JSON.stringify(value));
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO cross_validations (split_id, state, plan, definition, dealt, created_at)
         VALUES (?, 'queued', ?, ?, ?, ?)`,
      )
      .run(splitId, ...texts, now());
    const crossValidation = Number(lastInsertRowid);
    const add = db.prepare('INSERT INTO cross_validation_folds VALUES (?, ?, ?)');
    const splits = folds.map((fold) => saveSplit(db, { ...fold, partOf: 'cross-validation' }));
    splits.forEach((split, at) => add.run(crossValidation, at + 1, split));
    appendAudit(db, 'cross-validation', {
      what: 'dealt',
      crossValidation,
      split: splitId,
      folds: splits,
      hashes: folds.map(({ hash }) => hash),
      patients: dealt.patients,
      plan: sha256(texts[0]),
      definition: sha256(texts[1]),
    });
    for (const { splitId: opened, setName } of dealt.opened)
      recordOpening(db, opened, setName, null, crossValidation);
    return crossValidation;
  })();
  return getCrossValidation(db, id)!;
}

export function getCrossValidation(db: ReadableDatabase, id: number): StoredCrossValidation | null {
  const found = db.prepare('SELECT * FROM cross_validations WHERE id = ?').get(id);
  return found === undefined ? null : row.parse(found);
}

/** The newest first. */
export function listCrossValidations(db: ReadableDatabase): StoredCrossValidation[] {
  return z.array(row).parse(db.prepare('SELECT * FROM cross_validations ORDER BY id DESC').all());
}

/** A fold and the split that says who is on which side of it. */
export interface StoredFold {
  crossValidationId: number;
  /** From 1. */
  fold: number;
  splitId: number;
}

const foldRow = z
  .tuple([z.int(), z.int(), z.int()])
  .transform(([crossValidationId, fold, splitId]): StoredFold => ({ crossValidationId, fold, splitId }));

/** In order, of one cross-validation or of all. */
export function listFolds(db: ReadableDatabase, crossValidationId: number | null = null): StoredFold[] {
  return db
    .prepare(
      `SELECT cross_validation_id, fold, split_id FROM cross_validation_folds
       WHERE ? IS NULL OR cross_validation_id = ? ORDER BY cross_validation_id, fold`,
    )
    .raw()
    .all(crossValidationId, crossValidationId)
    .map((one) => foldRow.parse(one));
}

/** The comparison that judges a fold, and the search that tuned it, by the fold's split; null before there is one. */
export function partsOfFold(
  db: ReadableDatabase,
  splitId: number,
): { comparisonId: number | null; sweepId: number | null } {
  const first = (sql: string): number | null =>
    z.int().nullable().parse(db.prepare(sql).pluck().get(splitId));
  return {
    comparisonId: first(
      `SELECT min(id) FROM comparisons WHERE split_id = ? AND part_of = 'cross-validation'`,
    ),
    sweepId: first('SELECT min(id) FROM sweeps WHERE split_id = ?'),
  };
}

/** Whether a split is a fold of a cross-validation, and no split to train on otherwise. */
export const isFold = (db: ReadableDatabase, splitId: number): boolean =>
  db.prepare('SELECT 1 FROM splits WHERE id = ? AND part_of IS NOT NULL').get(splitId) !== undefined;

export function startCrossValidation(db: WritableDatabase, id: number): void {
  db.prepare(
    `UPDATE cross_validations SET state = 'running', finished_at = NULL, error = NULL WHERE id = ?`,
  ).run(id);
}

export function finishCrossValidation(db: WritableDatabase, id: number, result: CrossValidationResult): void {
  const text = JSON.stringify(result);
  db.transaction(() => {
    db.prepare(
      `UPDATE cross_validations SET state = 'done', finished_at = ?, result = ?, error = NULL WHERE id = ?`,
    ).run(now(), text, id);
    appendAudit(db, 'cross-validation', { what: 'finished', crossValidation: id, result: sha256(text) });
  })();
}

export function stopCrossValidation(
  db: WritableDatabase,
  id: number,
  state: 'failed' | 'cancelled' | 'interrupted',
  error: ErrorRecord,
): void {
  db.transaction(() => {
    db.prepare('UPDATE cross_validations SET state = ?, finished_at = ?, error = ? WHERE id = ?').run(
      state,
      now(),
      JSON.stringify(error),
      id,
    );
    appendAudit(db, 'cross-validation', { what: 'stopped', crossValidation: id, state, code: error.code });
  })();
}

/** Those that were under way when their process ended become `interrupted`. Returns how many there were. */
export function interruptUnfinishedCrossValidations(db: WritableDatabase, error: ErrorRecord): number {
  const running = z
    .array(z.int())
    .parse(db.prepare(`SELECT id FROM cross_validations WHERE state = 'running'`).pluck().all());
  for (const id of running) stopCrossValidation(db, id, 'interrupted', error);
  return running.length;
}

/** Deletes one with its folds, their trainings and searches; openings of held-out sets stay and keep counting. */
export function deleteCrossValidation(db: WritableDatabase, id: number): void {
  const splits = listFolds(db, id).map(({ splitId }) => splitId);
  const dealt = getCrossValidation(db, id)?.splitId;
  db.transaction(() => {
    for (const split of splits) {
      db.prepare('DELETE FROM comparisons WHERE split_id = ?').run(split);
      db.prepare('DELETE FROM sweeps WHERE split_id = ?').run(split);
    }
    db.prepare('DELETE FROM cross_validations WHERE id = ?').run(id);
    for (const split of splits) db.prepare('DELETE FROM splits WHERE id = ?').run(split);
    // One that was made for it alone.
    db.prepare('DELETE FROM splits WHERE id = ? AND part_of IS NOT NULL').run(dealt);
    appendAudit(db, 'runs-removed', { crossValidation: id });
  })();
}

const heldOutRow = z
  .tuple([z.int(), z.string(), z.string()])
  .transform(([splitId, setName, patientKey]) => ({ splitId, setName, patientKey }));

/**
 * Patients that some split keeps for a test: a split on which something was trained that stands for itself, or this one.
 *
 * @param splitId the split whose patients are to be dealt
 */
export function listHeldOutPatients(
  db: ReadableDatabase,
  splitId: number,
): { splitId: number; setName: string; patientKey: string }[] {
  return db
    .prepare(
      `SELECT DISTINCT split_id, role, patients.key FROM split_members
       JOIN instances ON instances.id = instance_id JOIN patients ON patients.id = patient_id
       JOIN splits ON splits.id = split_id
       WHERE role NOT IN ('train', 'validation') AND splits.part_of IS NULL
         AND (split_id = ? OR split_id IN (SELECT split_id FROM comparisons WHERE part_of IS NULL))
       ORDER BY split_id, role, patients.key`,
    )
    .raw()
    .all(splitId)
    .map((one) => heldOutRow.parse(one));
}

const overlapRow = z
  .tuple([z.int(), z.string(), z.int()])
  .transform(([crossValidationId, createdAt, patients]) => ({ crossValidationId, createdAt, patients }));

/** Cross-validations that have judged patients of a set, and how many of them: that set was known to whoever read their results. */
export function crossValidatedPatients(
  db: ReadableDatabase,
  splitId: number,
  setName: string,
): { crossValidationId: number; createdAt: string; patients: number }[] {
  return db
    .prepare(
      `SELECT cv.id, cv.created_at, count(DISTINCT own.patient_id) FROM split_members AS set_member
       JOIN instances AS own ON own.id = set_member.instance_id
       JOIN instances AS dealt ON dealt.patient_id = own.patient_id
       JOIN split_members AS fold_member ON fold_member.instance_id = dealt.id AND fold_member.role = 'test'
       JOIN cross_validation_folds AS fold ON fold.split_id = fold_member.split_id
       JOIN cross_validations AS cv ON cv.id = fold.cross_validation_id
       WHERE set_member.split_id = ? AND set_member.role = ? GROUP BY cv.id ORDER BY cv.id`,
    )
    .raw()
    .all(splitId, setName)
    .map((one) => overlapRow.parse(one));
}
