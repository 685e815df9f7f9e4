import type { LogLine } from '../../contract/calls/runs.ts';
import { nameOfApproach, type Run, type TrainedApproach } from '../../contract/run.ts';
import { listEpochs } from '../../store/epochs.ts';
import type { ReadableDatabase } from '../../store/index.ts';
import { listRunsOfComparison } from '../../store/runs.ts';

const NAMES: Record<TrainedApproach, string> = {
  majority: 'Majority class',
  probe: 'Probe',
  scratch: 'From scratch',
  'fine-tuned': 'Fine-tuned',
};

/** What happened in a training, told from what is recorded of it. */
export function runLog(db: ReadableDatabase, comparisonId: number): LogLine[] {
  return listRunsOfComparison(db, comparisonId).flatMap((run) => linesOf(db, run));
}

function linesOf(db: ReadableDatabase, run: Run): LogLine[] {
  const name = nameOfApproach(run.approach, NAMES);
  const { createdAt, startedAt, finishedAt, result, error, state } = run;
  const lines: LogLine[] = [{ at: createdAt, text: `${name}: waits for its turn (run ${run.id}).` }];
  if (startedAt) lines.push({ at: startedAt, text: `${name}: begins.` });
  let at = startedAt ? Date.parse(startedAt) : NaN;
  for (const epoch of listEpochs(db, run.id)) {
    at += 1000 * epoch.seconds;
    const validation =
      epoch.validationLoss === null
        ? ''
        : `, validation loss ${epoch.validationLoss.toFixed(3)}, accuracy ${(100 * epoch.validationAccuracy!).toFixed(1)} %`;
    lines.push({
      at: new Date(at).toISOString(),
      text: `${name}: epoch ${epoch.epoch} (${epoch.phase}), loss ${epoch.trainLoss.toFixed(3)}${validation}, ${epoch.imagesPerSecond.toFixed(0)} images a second${epoch.best ? ', the best so far' : ''}.`,
    });
  }
  if (finishedAt && state === 'done') {
    const ended = result
      ? `done in ${result.seconds.toFixed(0)} s on ${result.engine}${result.stoppedEarly ? ', stopped early' : ''}${result.bestEpoch > 0 ? `; best epoch ${result.bestEpoch}` : ''}; frozen weights ${result.frozen.unmoved ? 'unmoved' : 'HAVE MOVED'}.`
      : 'done.';
    lines.push({ at: finishedAt, text: `${name}: ${ended}` });
  } else if (finishedAt && error) lines.push({ at: finishedAt, text: `${name}: ${error.message}` });
  return lines;
}
