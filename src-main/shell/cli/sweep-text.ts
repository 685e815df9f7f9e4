import type { RateSweep } from '../../contract/rate-finder.ts';

/** A curve of the learning rate as bars, and the proposal. */
export function sweepText({ points, suggestion, lowest, diverged, setting }: RateSweep): string {
  const every = Math.max(1, Math.floor(points.length / 20));
  const shown = points.filter((_, at) => at % every === 0);
  const most = Math.max(...shown.map(({ smoothed }) => smoothed));
  const curve = shown.map(
    ({ rate, smoothed }) =>
      `${rate.toExponential(1).padStart(8)}  ${smoothed.toFixed(3).padStart(7)}  ${'#'.repeat(Math.round((40 * smoothed) / most))}`,
  );
  const flag = setting === 'learningRate' ? '--learning-rate' : '--head-learning-rate';
  const advice =
    suggestion === null
      ? 'The loss never fell: unfreeze more, or look at the labels.'
      : `Proposed: ${flag} ${suggestion.toPrecision(2)} (the loss fell most steeply there; it was lowest at ${lowest!.toExponential(1)}, which is too high to train with).`;
  const end = diverged === null ? '' : ` At ${diverged.toExponential(1)} it ran away.`;
  return [
    '    rate     loss',
    ...curve,
    '',
    `${advice}${end} Weights are as they were; nothing was kept but the curve.`,
  ].join('\n');
}
