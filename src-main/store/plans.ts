import { z } from 'zod';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** The plan that was saved last, as JSON was; null before there was one. Whoever reads it checks it. */
export function readPlan(db: ReadableDatabase): unknown {
  const text = db.prepare('SELECT plan FROM plans WHERE id = 1').pluck().get();
  return text === undefined ? null : JSON.parse(z.string().parse(text));
}

export function savePlan(db: WritableDatabase, plan: unknown): void {
  db.prepare(
    `INSERT INTO plans VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, saved_at = excluded.saved_at`,
  ).run(JSON.stringify(plan), new Date().toISOString());
}
