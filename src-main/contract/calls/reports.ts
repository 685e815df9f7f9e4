import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';
import { type ReportFormat, reportFormats } from '../report-files.ts';
import type { ExportedModel } from '../run.ts';

const id = z.int().positive();

/** A report that lies in the project's `reports` folder. */
export interface WrittenReportFile {
  comparisonId: number;
  /** Names for `/files/reports/<name>`, of those that there are; of `csv` a folder. */
  files: Partial<Record<ReportFormat, string>>;
  /** The same as `files.html`, which the screen shows: preview and export are one file. */
  html: string;
  /** Absolute path of the HTML file. */
  path: string;
  writtenAt: string;
  bytes: number;
}

export interface ReportOverview {
  comparisonId: number;
  name: string;
  createdAt: string;
  /** Sets with results; a report needs one. */
  evaluatedOn: string[];
  /** When results were computed last, ISO 8601, UTC: a report written before that does not hold them. */
  evaluatedAt: string | null;
  report: WrittenReportFile | null;
  /** Models of its runs that were exported as ONNX. */
  models: ExportedModel[];
}

export const reportCalls = {
  /** Trainings, the newest first, with what was written of them. */
  'reports.list': call(z.null()).returns<ReportOverview[]>(),
  'reports.write': call(z.object({ comparisonId: id })).returns<Job>(),
  /** Exports the fine-tuned model as ONNX and checks it against the trainer. The job's result is an `ExportedModel`. */
  'reports.exportModel': call(z.object({ comparisonId: id })).returns<Job>(),
  /** Copies a written file, of `csv` the folder, to where a person wants it. */
  'reports.saveAs': call(
    z.object({
      comparisonId: id,
      what: z.enum([...reportFormats, 'onnx']),
      path: z.string().min(1).max(4096),
    }),
  ).returns<null>(),
} satisfies CallTable;
