import { accessSync, cpSync, existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ReportOverview, reportCalls, WrittenReportFile } from '../../contract/calls/reports.ts';
import { GraftError } from '../../contract/errors.ts';
import { REPORT_ENDINGS, type ReportFormat, reportFormats } from '../../contract/report-files.ts';
import type { Run } from '../../contract/run.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import type { Project } from '../../store/index.ts';
import { listExportedModels } from '../../store/models.ts';
import { comparisonNames, getComparison, listRuns } from '../../store/runs.ts';
import { exportModel } from '../export-model.ts';
import { writeReport } from '../write-report.ts';
import type { Desk, Handlers } from './desk.ts';

export const reportHandlers: Handlers<typeof reportCalls> = {
  'reports.list': (_, { session }) => overviews(session.project),
  'reports.write': ({ comparisonId }, desk) => {
    const run = mainRun(desk, comparisonId);
    return desk.startJob(
      { kind: 'report', title: `Report of training ${comparisonId}` },
      async (session, reporting) => {
        await writeReport(session, { runId: run.id }, reporting);
        desk.tell({ kind: 'changed', what: 'reports' });
      },
    );
  },
  'reports.exportModel': ({ comparisonId }, desk) => {
    const run = mainRun(desk, comparisonId);
    return desk.startJob(
      { kind: 'export', title: `Export of run ${run.id} as ONNX` },
      async (session, reporting) => {
        const model = await exportModel(session, { runId: run.id }, reporting);
        desk.tell({ kind: 'changed', what: 'reports' });
        return model;
      },
    );
  },
  'reports.saveAs': ({ comparisonId, what, path }, desk) => {
    const { project } = desk.session;
    const overview = overviews(project).find((one) => one.comparisonId === comparisonId);
    const model = overview?.models.at(-1);
    const from =
      what === 'onnx'
        ? model && join(project.folder, model.path)
        : overview?.report && join(project.paths.reports, `report-${comparisonId}${REPORT_ENDINGS[what]}`);
    if (!from || !existsSync(from)) {
      throw new GraftError(
        'report-file-missing',
        `Expected ${what === 'onnx' ? 'an exported model' : 'a written report'} to save, found none. Make it first.`,
      );
    }
    try {
      // Copying would make the folders that lead there, wherever a slip of the pen puts them.
      accessSync(dirname(path));
      cpSync(from, path, { recursive: true });
    } catch (cause) {
      throw new GraftError(
        'save-failed',
        `Expected to write ${path}, and could not. See whether the folder is there and may be written to.`,
        { cause },
      );
    }
    return null;
  },
};

function overviews(project: Project): ReportOverview[] {
  const { db } = project;
  const names = comparisonNames(db);
  const exported = listExportedModels(db);
  return [...Map.groupBy(listRuns(db), ({ comparisonId }) => comparisonId)]
    .map(([comparisonId, runs]): ReportOverview => {
      const ids = new Set(runs.map(({ id }) => id));
      const done = runs.filter(({ state }) => state === 'done');
      const evaluations = done.map(({ id }) => listEvaluations(db, id));
      const sets = evaluations.map((all) => all.map(({ setName }) => setName));
      return {
        comparisonId,
        name: names.get(comparisonId) ?? `Training ${comparisonId}`,
        createdAt: getComparison(db, comparisonId)!.createdAt,
        evaluatedOn: (sets[0] ?? []).filter((set) => sets.every((one) => one.includes(set))),
        evaluatedAt:
          evaluations
            .flat()
            .map(({ evaluatedAt }) => evaluatedAt)
            .sort()
            .at(-1) ?? null,
        report: reportFile(project, comparisonId),
        models: exported.filter(({ runId, path }) => ids.has(runId) && path.endsWith('.onnx')),
      };
    })
    .sort((a, b) => b.comparisonId - a.comparisonId);
}

function reportFile({ paths }: Project, comparisonId: number): WrittenReportFile | null {
  const at = (format: ReportFormat): string =>
    join(paths.reports, `report-${comparisonId}${REPORT_ENDINGS[format]}`);
  const path = at('html');
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return null;
  const written = reportFormats.filter((format) => existsSync(at(format)));
  return {
    comparisonId,
    html: basename(path),
    files: Object.fromEntries(written.map((format) => [format, basename(at(format))])),
    path,
    writtenAt: found.mtime.toISOString(),
    bytes: found.size,
  };
}

function mainRun({ session }: Desk, comparisonId: number): Run {
  const runs = listRuns(session.project.db).filter((one) => one.comparisonId === comparisonId);
  const run = runs.find(({ approach }) => approach === 'fine-tuned') ?? runs.at(-1);
  if (run) return run;
  throw new GraftError('comparison-missing', `Expected a training of this project, found ${comparisonId}.`);
}
