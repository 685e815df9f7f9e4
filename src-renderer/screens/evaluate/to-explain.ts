import { percent } from '../../lib/format.ts';
import type { ScoredImage } from './evaluation.svelte.ts';
import type { ImageToExplain } from './explain.svelte.ts';

/** An image to be explained, and what is said above it. */
export interface Explained {
  image: ImageToExplain;
  description: string;
}

/** @param finding the one that is looked at; null where classes are told apart */
export function toExplain(
  runId: number,
  classes: readonly string[],
  one: ScoredImage,
  finding: number | null,
): Explained {
  const said =
    finding === null
      ? `is ${classes[one.label]}, called ${classes[one.predicted]} with ${percent(one.confidence, 0)}`
      : `of ${classes[finding]} ${percent(one.probabilities[finding], 0)} was said`;
  const { instanceId, frameIndex } = one;
  const classIndex = finding ?? one.predicted;
  return {
    image: { runId, instanceId: instanceId!, frameIndex, classIndex },
    description: `${one.pseudonym}: ${said}`,
  };
}
