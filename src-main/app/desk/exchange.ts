import { dirname, join } from 'node:path';
import type { Departed, Departure, exchangeCalls } from '../../contract/calls/exchange.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import { listRuns } from '../../store/runs.ts';
import { auditOf } from '../audit.ts';
import { writeCapsule } from '../capsule/write-capsule.ts';
import { exportDicom, leftOutSentences } from '../export-dicom.ts';
import { exportModel } from '../export-model.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import type { Desk, Handlers } from './desk.ts';

const TITLES: Record<Departure, string> = {
  tfjs: 'Export for TensorFlow.js',
  folder: 'Export as a folder for inference',
  graft: 'Export for another hospital',
  dicom: 'Export as DICOM',
  capsule: 'Study capsule',
};

export const exchangeHandlers: Handlers<typeof exchangeCalls> = {
  'exchange.export': (input, desk) => {
    const { comparisonId, departure } = input;
    const run = mainRun(desk, comparisonId);
    const title = `${TITLES[departure]} of training ${comparisonId}`;
    return desk.startJob({ kind: 'export', title }, async (session, reporting): Promise<Departed> => {
      const { place, sentence } = await depart(session, run, input, reporting);
      desk.tell({ kind: 'changed', what: 'reports' });
      return { departure, comparisonId, place, sentence };
    });
  },
  'exchange.audit': ({ most }, { session }) => auditOf(session.project, most),
};

async function depart(
  session: Session,
  { id: runId }: Run,
  { departure, identified, heatmaps }: { departure: Departure; identified: boolean; heatmaps: boolean },
  reporting: Reporting,
): Promise<Pick<Departed, 'place' | 'sentence'>> {
  if (departure === 'capsule') {
    const { path, files, bytes } = await writeCapsule(session, { runId }, reporting);
    return { place: path, sentence: `${files} files, ${(bytes / 1e6).toFixed(1)} MB.` };
  }
  if (departure === 'dicom') {
    const written = await exportDicom(
      session,
      { runId, identified, ...(heatmaps ? { heatmaps: 'gradcam' } : {}) },
      reporting,
    );
    const who = identified ? 'which say who the patients are' : 'without who the patients are';
    return {
      place: written.folder,
      sentence: `${written.files.length} files on ${written.images} images, ${[`${who}.`, ...leftOutSentences(written)].join(' ')}`,
    };
  }
  const model = await exportModel(session, { runId, format: departure }, reporting);
  return {
    place: dirname(join(session.project.folder, model.path)),
    sentence: `${(model.bytes / 1e6).toFixed(1)} MB; largest difference from the trainer on ${model.imagesCompared} images: ${model.largestDifference.toExponential(1)}.${departure === 'graft' ? ` SHA-256 of the weights ${model.sha256}.` : ''}`,
  };
}

function mainRun({ session }: Desk, comparisonId: number): Run {
  const runs = listRuns(session.project.db).filter((one) => one.comparisonId === comparisonId);
  const run = runs.find(({ approach }) => approach === 'fine-tuned') ?? runs.at(-1);
  if (run) return run;
  throw new GraftError('comparison-missing', `Expected a training of this project, found ${comparisonId}.`);
}
