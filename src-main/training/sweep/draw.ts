import type { Choices, FieldValue, Sweep } from '../../contract/sweep.ts';
import { RandomStream } from '../../platform/random.ts';
import { type Axis, gridSize } from './space.ts';

/** The trials of a sweep, drawn once and for all: the same sweep has the same ones, and more draws only add to them. */
export function drawTrials({ strategy, trials, seed }: Sweep, axes: readonly Axis[]): Choices[] {
  const size = gridSize(axes);
  // As many draws as there are combinations would draw one twice: all of them are the better choice.
  if (strategy === 'grid' || (size <= trials && axes.every(({ kind }) => kind === 'choices')))
    return grid(axes);
  const drawn: Choices[] = [];
  const known = new Set<string>();
  const wanted = Math.min(trials, size);
  for (let attempt = 0; drawn.length < wanted; attempt++) {
    const choices = Object.fromEntries(
      axes.map((axis) => [axis.name, draw(axis, new RandomStream(seed, 'sweep', attempt, axis.name))]),
    );
    const text = JSON.stringify(choices);
    if (known.has(text)) continue;
    known.add(text);
    drawn.push(choices);
  }
  return drawn;
}

/** Every combination; the last field changes fastest. */
function grid(axes: readonly Axis[]): Choices[] {
  return axes.reduce<Choices[]>(
    (combinations, axis) =>
      combinations.flatMap((one) =>
        (axis.kind === 'choices' ? axis.values : []).map((value) => ({ ...one, [axis.name]: value })),
      ),
    [{}],
  );
}

function draw(axis: Axis, stream: RandomStream): FieldValue {
  if (axis.kind === 'choices') return stream.pick(axis.values);
  const { low, high, log, whole } = axis;
  if (whole && !log) return low + stream.integer(high - low + 1);
  const value = log ? Math.exp(stream.uniform(Math.log(low), Math.log(high))) : stream.uniform(low, high);
  // Four figures say all that a search can tell apart, and can be read and typed.
  const rounded = whole ? Math.round(value) : Number(value.toPrecision(4));
  return Math.min(high, Math.max(low, rounded));
}
