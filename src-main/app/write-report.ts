import { join, resolve } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import { type ReportFormat, reportFormats } from '../contract/report-files.ts';
import type { ReportModel } from '../contract/report.ts';
import type { ReportFiles, ReportTask } from '../jobs/report-worker.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import { sha256 } from '../platform/files.ts';
import { renderJson } from '../reports/index.ts';
import { appendAudit, getSplit } from '../store/index.ts';
import { listRunsOfComparison } from '../store/runs.ts';
import { chooseComparison } from './evaluate.ts';
import { buildReportModel } from './report-model.ts';
import { resultsOf } from './results.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';
import { prepare } from './train-model.ts';

export interface ReportOptions {
  /** Any run of the comparison; default the comparison made last. */
  runId?: number;
  /** Folder for the files. Default: `reports` in the project. */
  folder?: string;
  /** Default: all. */
  formats?: readonly ReportFormat[];
}

export interface WrittenReport {
  /** Path of each format that was written, and the seconds that it took; of `csv` the folder. */
  files: ReportFiles;
  /** Where these two lie when they are asked for. */
  html: string;
  json: string;
  model: ReportModel;
}

/**
 * Writes the report of a comparison, in a worker: a self-contained HTML file, the same as PDF and as JSON, every result as CSV, and a model card. It
 * shows what was evaluated; it opens no held-out set itself.
 *
 * @throws GraftError `run-missing`, `comparison-missing`, `not-evaluated`, `cancelled`
 */
export async function writeReport(
  session: Session,
  options: ReportOptions = {},
  reporting: Reporting = {},
): Promise<WrittenReport> {
  const { project, jobs } = session;
  const comparison = chooseComparison(session, options.runId);
  const split = getSplit(project.db, comparison.splitId)!;
  const runs = listRunsOfComparison(project.db, comparison.id).filter(({ state }) => state === 'done');
  if (runs.length === 0) throw notEvaluated();
  const dataset = await prepare(session, split, runs[0].preprocessing, reporting);
  const title = `Report of comparison ${comparison.id}`;
  return jobs.run({ kind: 'report', title, ...reporting }, async ({ signal }) => {
    const results = await resultsOf(project.db, comparison, { signal });
    if (results.length === 0) throw notEvaluated();
    const model = buildReportModel({ project, comparison, split, runs, dataset, results });
    const name = join(resolve(options.folder ?? project.paths.reports), `report-${comparison.id}`);
    const files = await runInWorker<ReportTask, never, ReportFiles>(
      new URL('../jobs/report-worker.ts', import.meta.url),
      { model, formats: [...(options.formats ?? reportFormats)], name },
      { what: 'The report', ...(signal ? { signal } : {}) },
    );
    appendAudit(project.db, 'export', {
      what: 'report',
      comparison: comparison.id,
      sha256: sha256(renderJson(model)),
    });
    return { files, html: `${name}.html`, json: `${name}.json`, model };
  });
}

const notEvaluated = (): GraftError =>
  new GraftError(
    'not-evaluated',
    'Expected results to report, found none: no set was opened for this training yet. Evaluate it first (graft evaluate).',
  );
