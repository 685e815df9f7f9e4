import type { Finding, Sample } from '../contract/dataset.ts';
import type { FindingFigures } from '../contract/training.ts';

/** What an image shows: its class, or for each finding whether it is there. */
export type Answer = number | readonly Finding[];

export const answerOf = ({ label, findings }: Sample): Answer => findings ?? label;

/** What is counted over one pass. */
export interface PassCounts {
  /** Counts one image by its logits `[units]`. */
  count(logits: ArrayLike<number>, offset: number, answer: Answer): void;
  /** Counts one image and keeps its logits, for what has to see all of them at once. */
  keep(logits: ArrayLike<number>, offset: number, answer: Answer): void;
  addLoss(loss: number, weight: number): void;
  readonly loss: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly f1: number;
  readonly auc: number | null;
  /** Images by the class that was predicted and by their own; null where an image may show several findings. */
  readonly histogram: { predicted: number[]; there: number[] } | null;
  /** Only where an image may show several findings. */
  readonly findings: FindingFigures | null;
}

/**
 * What balanced sampling draws equally often: the image's class, or each of its findings, images that show none being one more group.
 */
export function groupsOf(answer: Answer): number | readonly number[] {
  if (typeof answer === 'number') return answer;
  const present = answer.flatMap((finding, c) => (finding === 1 ? c : []));
  return present.length > 0 ? present : [answer.length];
}
