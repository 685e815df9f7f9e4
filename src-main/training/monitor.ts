import type { EpochMetrics, Monitor } from '../contract/training.ts';
import type { PassCounts } from './answers.ts';

/** What was predicted of the validation images, or where there are none of the training images. */
export function predictionsOf(
  training: PassCounts,
  validation: PassCounts | undefined,
): Pick<EpochMetrics, 'predictions'> {
  const { histogram } = validation ?? training;
  return histogram ? { predictions: { of: validation ? 'validation' : 'training', ...histogram } } : {};
}

/** What an epoch is judged by. */
export function monitored(monitor: Monitor, counts: PassCounts): number {
  switch (monitor) {
    case 'val_loss':
      return counts.loss;
    case 'val_f1':
      return counts.f1;
    case 'val_accuracy':
      return counts.accuracy;
    case 'val_balanced_accuracy':
      return counts.balancedAccuracy;
    case 'val_auc':
      // A class that is absent from validation leaves nothing to rank: the loss, the lower the better, then decides.
      return counts.auc ?? -counts.loss;
  }
}

/** Whether a value of what is watched is better than another. */
export const better = (monitor: Monitor, value: number, than: number): boolean =>
  monitor === 'val_loss' ? value < than : value > than;
