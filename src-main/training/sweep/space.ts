import { planSchema, type PlanInput } from '../../contract/calls/plans.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Choices, Dimension, FieldValue, Sweep } from '../../contract/sweep.ts';
import { isNumber, isWhole, planField, type PlanField, withField } from './fields.ts';

/** One field with what it may become. */
export type Axis = PlanField &
  (
    | { kind: 'choices'; values: readonly FieldValue[] }
    | { kind: 'range'; low: number; high: number; log: boolean; whole: boolean }
  );

const MOST_TRIALS = 10_000;

/**
 * A sweep's space, checked: every field is one of the plan, and every value, or end of a range, one that it may have.
 *
 * @param plan that trials change
 * @throws GraftError `sweep-field`, `sweep-space`, `sweep-value`
 */
export function openSpace({ space, strategy }: Sweep, plan: PlanInput): Axis[] {
  const axes = Object.entries(space).map(([name, dimension]) => axisOf(planField(name), dimension));
  if (axes.length === 0) throw wrong('at least one field to vary, found none. Name one under space');
  const twice = axes.find(({ name }, at) => axes.findIndex((one) => one.name === name) !== at);
  if (twice) throw wrong(`each field once, found ${twice.name} twice. Put its values together`);
  const range = axes.find(({ kind }) => kind === 'range');
  if (strategy === 'grid' && range) {
    throw wrong(
      `lists for a grid, found a range for ${range.name}, which has no end of values. List some, or choose the strategy random`,
    );
  }
  if (strategy === 'halving' && axes.some(({ name }) => name === 'epochs'))
    throw wrong(
      'another field than epochs to vary, since halving shares out the epochs itself. Set them in the plan',
    );
  const size = gridSize(axes);
  if (strategy === 'grid' && size > MOST_TRIALS)
    throw wrong(`at most ${MOST_TRIALS} combinations in a grid, found ${size}. Choose the strategy random`);
  for (const axis of axes) {
    const ends = axis.kind === 'choices' ? axis.values : [axis.low, axis.high];
    for (const value of ends) planOf(plan, { [axis.name]: value });
  }
  return axes;
}

/** Combinations of a space of lists; infinite with a range of real numbers. */
export function gridSize(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => {
    if (axis.kind === 'choices') return product * axis.values.length;
    return product * (axis.whole ? axis.high - axis.low + 1 : Infinity);
  }, 1);
}

/**
 * The plan of a trial, as it was given and with its choices in place.
 *
 * @throws GraftError `sweep-value` where the plan cannot be so
 */
export function planOf(plan: PlanInput, choices: Choices): PlanInput {
  const changed = Object.entries(choices).reduce<object>(
    (before, [name, value]) => withField(before, planField(name).path, value),
    plan,
  );
  const parsed = planSchema.safeParse(withSize(changed));
  if (parsed.success) return changed;
  const [{ path, message }] = parsed.error.issues;
  throw new GraftError(
    'sweep-value',
    `Expected values that the plan may have, found ${choicesText(choices)}: ${path.join('.')}: ${message}.`,
  );
}

/** A plan may leave out the size of the images, which is then the model's own. */
function withSize(plan: object): object {
  const { preprocessing } = plan as { preprocessing?: object };
  return preprocessing ? { ...plan, preprocessing: { height: 128, width: 128, ...preprocessing } } : plan;
}

/** `learningRate 0.001, head.dropout 0.3`. */
export const choicesText = (choices: Choices): string =>
  Object.entries(choices)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');

/** A value as it stands in a table. */
export const valueText = (value: FieldValue): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

function axisOf(field: PlanField, dimension: Dimension): Axis {
  if (Array.isArray(dimension)) return choicesAxis(field, dimension);
  if ('choices' in dimension) return choicesAxis(field, dimension.choices);
  const { low, high, log } = dimension;
  if (!isNumber(field)) {
    throw wrong(
      `a list of values for ${field.name}, which is no number, found a range. List what it may become`,
    );
  }
  if (!(low < high))
    throw wrong(`a low end below the high one for ${field.name}, found ${low} and ${high}. Exchange them`);
  if (log && low <= 0) {
    throw wrong(
      `a low end above 0 for ${field.name}, whose logarithm is drawn, found ${low}. Raise it, or leave out log`,
    );
  }
  const whole = isWhole(field);
  if (whole && !(Number.isInteger(low) && Number.isInteger(high)))
    throw wrong(`whole numbers as the ends for ${field.name}, found ${low} and ${high}`);
  return { ...field, kind: 'range', low, high, log, whole };
}

function choicesAxis(field: PlanField, values: readonly FieldValue[]): Axis {
  const texts = values.map((value) => JSON.stringify(value));
  const again = texts.find((text, at) => texts.indexOf(text) !== at);
  if (again !== undefined) throw wrong(`each value of ${field.name} once, found ${again} twice`);
  return { ...field, kind: 'choices', values };
}

const wrong = (rest: string): GraftError => new GraftError('sweep-space', `Expected ${rest}.`);
