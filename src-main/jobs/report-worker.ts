import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { REPORT_ENDINGS, type ReportFormat } from '../contract/report-files.ts';
import type { ReportModel } from '../contract/report.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { csvTables, csvText, renderCard, renderHtml, renderJson, renderPdf } from '../reports/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** A report to be drawn: half a second for a PDF would block whoever asks. */
export interface ReportTask {
  model: ReportModel;
  formats: ReportFormat[];
  /** Path of the files without their endings. */
  name: string;
}

/** Where each format was written, and how many seconds it took. */
export type ReportFiles = Partial<Record<ReportFormat, { path: string; seconds: number }>>;

const WRITE: Record<ReportFormat, (model: ReportModel, path: string) => void | Promise<void>> = {
  html: (model, path) => writeFileAtomic(path, renderHtml(model)),
  pdf: async (model, path) => writeFileAtomic(path, await renderPdf(model)),
  json: (model, path) => writeFileAtomic(path, renderJson(model)),
  card: (model, path) => writeFileAtomic(path, renderCard(model)),
  csv: (model, folder) => {
    // A table that this report does not have must not stay there from one before.
    rmSync(folder, { recursive: true, force: true });
    for (const { name, head, rows } of csvTables(model))
      writeFileAtomic(join(folder, `${name}.csv`), csvText(head, rows));
  },
};

async function writeFiles(
  { model, formats, name }: ReportTask,
  { signal }: WorkerContext<never>,
): Promise<ReportFiles> {
  const files: ReportFiles = {};
  for (const format of formats) {
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const path = `${name}${REPORT_ENDINGS[format]}`;
    const from = performance.now();
    await WRITE[format](model, path);
    files[format] = { path, seconds: (performance.now() - from) / 1000 };
  }
  return files;
}

serveWorker(writeFiles);
