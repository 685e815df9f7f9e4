import type { SweepReport, Trial } from '../../../src-main/contract/sweep.ts';
import type { Monitor } from '../../../src-main/contract/training.ts';
import { plural } from '../../lib/format.ts';
import { fieldTitle } from './sweeps.svelte.ts';

export const monitorTitles: Record<Monitor, string> = {
  val_loss: 'Loss (low)',
  val_f1: 'F1 (macro)',
  val_accuracy: 'Accuracy',
  val_balanced_accuracy: 'Balanced accuracy',
  val_auc: 'AUC',
};

const states: Record<Trial['state'], string> = {
  waiting: 'waiting',
  running: 'training',
  done: 'done',
  dropped: 'dropped',
  failed: 'failed',
  stopped: 'stopped',
};

export const stateText = ({ state, round, error }: Trial): string =>
  state === 'dropped'
    ? `dropped after round ${round}`
    : error
      ? `${states[state]}: ${error.message}`
      : states[state];

export const valueText = (value: Trial['choices'][string] | undefined): string =>
  value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

/** Whether its trials are the points of a learning curve, of which none is a better plan than another. */
export const isCurve = ({ definition }: Pick<SweepReport, 'definition'>): boolean =>
  'trainShare' in definition.space;

/** What a sweep is called in lists. */
export const sweepTitle = (
  sweep: Pick<SweepReport, 'id' | 'definition'> & { trials: readonly unknown[] },
): string => {
  const { id, trials, definition } = sweep;
  if (isCurve(sweep)) return `Learning curve ${id}: ${plural(trials.length, 'training')}`;
  return `Sweep ${id}: ${plural(trials.length, 'trial')}, ${Object.keys(definition.space).map(fieldTitle).join(', ')}`;
};
