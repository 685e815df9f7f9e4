import type { Plan, PlanInput } from '../../../src-main/contract/calls/plans.ts';
import type { PlanRates, RateSweep } from '../../../src-main/contract/rate-finder.ts';
import { ask } from '../../lib/ask.ts';

/** Above this many times the highest loss before the lowest, a curve is cut off: how far it ran away says nothing. */
const HEADROOM = 1.5;

/** What a sweep's curve looks like: lines, marks, and how far up they are drawn. */
export interface RateChart {
  smoothed: readonly (readonly [number, number])[];
  losses: readonly (readonly [number, number])[];
  marks: readonly { x: number; label: string }[];
  top: number;
  bottom: number;
}

/** A rate as it is typed and read: two digits, powers of ten for small ones. */
export function rateText(rate: number): string {
  const short = Number(rate.toPrecision(2));
  return short >= 1e-3 && short < 1000 ? String(short) : short.toExponential().replace('e-', 'e−');
}

export function chartOf({ points, suggestion, lowest, diverged }: RateSweep): RateChart | null {
  if (points.length < 2) return null;
  const least = points.reduce((at, one, i) => (one.smoothed < points[at].smoothed ? i : at), 0);
  const before = points.slice(0, least + 1).map(({ smoothed }) => smoothed);
  const top = HEADROOM * Math.max(...before);
  const bottom = Math.min(...points.map(({ loss, smoothed }) => Math.min(loss, smoothed)));
  const [from, to] = [points[0].rate, points.at(-1)!.rate];
  return {
    smoothed: points.map(({ rate, smoothed }) => [rate, Math.min(top, smoothed)] as const),
    losses: points.map(({ rate, loss }) => [rate, Math.min(top, loss)] as const),
    marks: [
      ...(suggestion === null ? [] : [{ x: suggestion, label: `proposed ${rateText(suggestion)}` }]),
      ...(lowest === null ? [] : [{ x: lowest, label: `lowest loss ${rateText(lowest)}` }]),
      ...(diverged === null ? [] : [{ x: Math.min(to, Math.max(from, diverged)), label: 'ran away' }]),
    ],
    top,
    bottom: Math.max(0, bottom - 0.05 * (top - bottom)),
  };
}

/** Asks what is known of rates for the plan that is worked on, and has them tried. Answers that come late are thrown away. */
export class RateFinder {
  #rates = $state.raw<PlanRates | null>(null);
  #generation = 0;

  /** Null before it is read. */
  get rates(): PlanRates | null {
    return this.#rates;
  }

  async load(plan: Plan): Promise<void> {
    const generation = ++this.#generation;
    const rates = await ask('plans.rates', { plan: plan as PlanInput });
    if (generation === this.#generation) this.#rates = rates;
  }

  async find(plan: Plan): Promise<void> {
    await ask('plans.findRate', { plan: plan as PlanInput });
  }
}
