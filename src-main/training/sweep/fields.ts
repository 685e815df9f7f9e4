import { z } from 'zod';
import { planSchema } from '../../contract/calls/plans.ts';
import { GraftError } from '../../contract/errors.ts';
import type { FieldValue } from '../../contract/sweep.ts';
import { nearest } from '../../platform/nearest.ts';
import { unwrapped } from '../../platform/schema-shape.ts';

/** A field of a plan that a sweep varies. */
export interface PlanField {
  /** As it is written: `learningRate`, `head.dropout`, `preprocessing.height`. */
  name: string;
  /** From the whole plan: `['settings', 'head', 'dropout']`. */
  path: string[];
  schema: z.ZodType;
}

/** Parts of a plan that a person names from the top; whatever else is named is a setting. */
const TOP = ['settings', 'preprocessing'];
/** What trials have to share, so that they can be compared, and what says nothing of how a model learns. */
const FIXED = ['name', 'split', 'approaches'];

/**
 * Finds a field of the plan by its name; `settings.` may be left out.
 *
 * @throws GraftError `sweep-field`
 */
export function planField(name: string): PlanField {
  const parts = name.split('.');
  if (FIXED.includes(parts[0])) {
    throw new GraftError(
      'sweep-field',
      `Expected a field of the training to vary, found ${name}: all trials of a sweep share the ${parts[0]} of the plan. Set it in the plan instead.`,
    );
  }
  if (parts.at(-1) === 'folds') {
    throw new GraftError(
      'sweep-field',
      'Expected a field of one training to vary, found folds, which make an ensemble of several. Search first, then train the best plan with folds.',
    );
  }
  const path = TOP.includes(parts[0]) ? parts : ['settings', ...parts];
  let schema: z.ZodType = planSchema;
  for (const [at, part] of path.entries()) {
    const bare = unwrapped(schema);
    const shape = shapeOf(bare);
    if (bare instanceof z.ZodRecord) schema = bare.valueType as z.ZodType;
    else if (shape && Object.hasOwn(shape, part)) schema = shape[part];
    else throw unknownField(name, path.slice(0, at), part, shape);
  }
  return { name: path[0] === 'settings' ? path.slice(1).join('.') : name, path, schema };
}

/** The fields of an object; of one of several kinds (`intensity`), those of all of them. */
function shapeOf(bare: z.ZodType): Record<string, z.ZodType> | null {
  if (bare instanceof z.ZodObject) return bare.shape as Record<string, z.ZodType>;
  if (!(bare instanceof z.ZodUnion)) return null;
  const shapes = bare.options.map((one) => shapeOf(unwrapped(one as z.ZodType)) ?? {});
  return Object.assign({}, ...shapes) as Record<string, z.ZodType>;
}

function unknownField(
  name: string,
  above: readonly string[],
  part: string,
  shape: Record<string, z.ZodType> | null,
): GraftError {
  const known = Object.keys(shape ?? {});
  const near = nearest(part, known);
  const advice =
    known.length === 0
      ? `${above.join('.')} has no fields of its own`
      : near
        ? `did you mean ${[...above.slice(1), near].join('.')}?`
        : `where there are ${known.join(', ')}`;
  return new GraftError(
    'sweep-field',
    `Expected a field of the training plan to vary, found the unknown name ${name} (${advice}).`,
  );
}

/** Whether a field takes whole numbers alone. */
export function isWhole({ schema }: PlanField): boolean {
  const bare = unwrapped(schema);
  return bare instanceof z.ZodNumber && !bare.safeParse(0.5).success && bare.isInt;
}

/** Whether it takes numbers. */
export const isNumber = ({ schema }: PlanField): boolean => unwrapped(schema) instanceof z.ZodNumber;

/** Puts a value into its place in a plan; what lies above it and is not there is made. The plan given stays as it is. */
export function withField(plan: object, path: readonly string[], value: FieldValue): object {
  const [first, ...rest] = path;
  const below = (plan as Record<string, unknown>)[first];
  const under = typeof below === 'object' && below !== null && !Array.isArray(below) ? below : {};
  return { ...plan, [first]: rest.length === 0 ? value : withField(under, rest, value) };
}
