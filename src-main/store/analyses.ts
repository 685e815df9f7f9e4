import { z } from 'zod';
import { analysisSettings, type AnalysisSettings } from '../contract/analysis-settings.ts';
import type { FittedModel } from '../contract/analysis.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** Settings as they were chosen once. */
export interface ChosenSettings {
  settings: AnalysisSettings;
  chosenAt: string;
}

const settingsRow = z
  .object({ settings: z.string(), chosen_at: z.string() })
  .transform((row): ChosenSettings => ({
    settings: analysisSettings.parse(JSON.parse(row.settings)),
    chosenAt: row.chosen_at,
  }));

/** Every choice for a comparison, the oldest first. */
export function listAnalysisSettings(db: ReadableDatabase, comparisonId: number): ChosenSettings[] {
  const rows = db
    .prepare('SELECT settings, chosen_at FROM analysis_settings WHERE comparison_id = ? ORDER BY id')
    .all(comparisonId);
  return z.array(settingsRow).parse(rows);
}

/** Those that count: chosen last, or the defaults. */
export const currentAnalysisSettings = (db: ReadableDatabase, comparisonId: number): AnalysisSettings =>
  listAnalysisSettings(db, comparisonId).at(-1)?.settings ?? analysisSettings.parse({});

/** Notes a choice; the same as before is none. */
export function chooseAnalysisSettings(
  db: WritableDatabase,
  comparisonId: number,
  settings: AnalysisSettings,
): void {
  const before = listAnalysisSettings(db, comparisonId).at(-1);
  if (before && JSON.stringify(before.settings) === JSON.stringify(analysisSettings.parse(settings))) return;
  db.prepare('INSERT INTO analysis_settings (comparison_id, settings, chosen_at) VALUES (?, ?, ?)').run(
    comparisonId,
    JSON.stringify(analysisSettings.parse(settings)),
    new Date().toISOString(),
  );
}

export interface StoredFit {
  basis: string;
  fitted: FittedModel;
  fittedAt: string;
}

const fitRow = z
  .object({ basis: z.string(), fitted: z.string(), fitted_at: z.string() })
  .transform((row): StoredFit => ({
    basis: row.basis,
    fitted: JSON.parse(row.fitted) as FittedModel,
    fittedAt: row.fitted_at,
  }));

/** What validation data fitted for a run; null where nothing was. */
export function getFit(db: ReadableDatabase, runId: number): StoredFit | null {
  const row = db.prepare('SELECT basis, fitted, fitted_at FROM fits WHERE run_id = ?').get(runId);
  return row === undefined ? null : fitRow.parse(row);
}

/** Keeps a fit, and the time of one from the same basis. */
export function saveFit(db: WritableDatabase, runId: number, basis: string, fitted: FittedModel): void {
  db.prepare(
    `INSERT INTO fits (run_id, basis, fitted, fitted_at) VALUES (@runId, @basis, @fitted, @now)
     ON CONFLICT (run_id) DO UPDATE SET basis = excluded.basis, fitted = excluded.fitted, fitted_at = excluded.fitted_at
     WHERE basis <> excluded.basis`,
  ).run({ runId, basis, fitted: JSON.stringify(fitted), now: new Date().toISOString() });
}
