import type { FigureDifference } from '../../contract/adaptation-judgement.ts';

const WORDS: Record<FigureDifference['figure'], [more: string, less: string]> = {
  brightness: ['brighter', 'darker'],
  contrast: ['richer in contrast', 'poorer in contrast'],
  noise: ['noisier', 'less noisy'],
  smoothness: ['of lower resolution (less fine detail)', 'of higher resolution (more fine detail)'],
};

/** A prevalence moved by less is not worth a word. */
const MOVED = 0.1;

export interface PrevalenceFacts {
  classes: readonly string[];
  source: ArrayLike<number>;
  /** Estimated: the target has no labels. */
  target: ArrayLike<number>;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** One or two sentences for people: what differs between the domains, the largest difference first. */
export function differenceSentence(
  differences: readonly FigureDifference[],
  prevalence: PrevalenceFacts | null,
): string {
  const named = differences
    .filter((one) => one.named)
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
    .map(({ figure, effect }) => WORDS[figure][effect > 0 ? 0 : 1]);
  const look =
    named.length > 0
      ? `Images of the target are ${listed(named)}.`
      : 'No difference of brightness, contrast, noise or resolution between the two was found.';
  const moved = prevalence ? prevalenceWords(prevalence) : [];
  return moved.length > 0 ? `${look} Classes probably differ in frequency: ${listed(moved)}.` : look;
}

function prevalenceWords({ classes, source, target }: PrevalenceFacts): string[] {
  return classes
    .map((name, c) => ({ name, from: source[c], to: target[c] }))
    .filter(({ from, to }) => Math.abs(to - from) >= MOVED)
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
    .slice(0, 3)
    .map(({ name, from, to }) => `${name} about ${percent(to)} in place of ${percent(from)}`);
}
