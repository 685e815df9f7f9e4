import type { ScoredImage } from './evaluation.svelte.ts';

/** `certain`: what was called wrongly, most certain first. `apart`: all images, those first of which an ensemble's members say the most different things. */
export type ErrorOrder = 'certain' | 'apart';

export function worstFirst(images: readonly ScoredImage[], order: ErrorOrder): ScoredImage[] {
  if (order === 'apart') return [...images].sort((a, b) => (b.disagreement ?? 0) - (a.disagreement ?? 0));
  return images
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.confidence - a.confidence);
}
