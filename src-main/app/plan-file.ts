import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { resolveAugmentation } from '../contract/augmentation.ts';
import { planSchema, type Plan, type PlanInput } from '../contract/calls/plans.ts';
import { GraftError } from '../contract/errors.ts';
import { modelCard } from '../models/index.ts';
import { nearest } from '../platform/nearest.ts';
import type { TrainOptions } from './train-model.ts';

const LARGEST = 1024 * 1024;

/**
 * Reads a plan from a YAML or JSON file: what is left out takes its default. Every wrong value and every unknown name is said in one
 * sentence, with where it stands.
 *
 * @returns the plan as it was written, defaults not filled in
 * @throws GraftError `plan-file`
 */
export function readPlanFile(path: string): PlanInput {
  const wrong = (found: string, cause?: unknown): GraftError =>
    new GraftError(
      'plan-file',
      `Expected a training plan in ${basename(path)}, found ${found}.`,
      cause === undefined ? {} : { cause },
    );
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw wrong('no such file; give its path as you see it from here');
  if (size > LARGEST) throw wrong('more than 1 MB; a plan is a page of text');
  // Every JSON file is a YAML file. Aliases are few: they could make a small file stand for an enormous one.
  const document = parseDocument(readFileSync(path, 'utf8'));
  const [error] = document.errors;
  if (error) throw wrong(`a mistake in its form: ${error.message.split('\n')[0]}`, error);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw wrong('references that stand for too much', cause);
  }
  return checked(value ?? {}, wrong);
}

function checked(value: unknown, wrong: (found: string) => GraftError): PlanInput {
  const unknown = unknownKeys(planSchema, value, '');
  if (unknown.length > 0) throw wrong(unknown.join('; '));
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return value as PlanInput;
  throw wrong(
    parsed.error.issues
      .slice(0, 4)
      .map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
      .join('; '),
  );
}

/** Names that the schema does not have, each with the nearest that it has. */
function unknownKeys(schema: z.ZodType, value: unknown, path: string): string[] {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, at) => unknownKeys(bare.element as z.ZodType, item, `${path}[${at}]`));
  if (!(bare instanceof z.ZodObject) || typeof value !== 'object' || value === null) return [];
  const shape = bare.shape as Record<string, z.ZodType>;
  return Object.entries(value).flatMap(([key, inside]) => {
    const place = path === '' ? key : `${path}.${key}`;
    if (key in shape) return unknownKeys(shape[key], inside, place);
    const near = nearest(key, Object.keys(shape));
    return [
      `the unknown name ${place}${near ? ` (did you mean ${near}?)` : `, where there are ${Object.keys(shape).join(', ')}`}`,
    ];
  });
}

function unwrapped(schema: z.ZodType): z.ZodType {
  let bare = schema;
  while (
    bare instanceof z.ZodDefault ||
    bare instanceof z.ZodPrefault ||
    bare instanceof z.ZodNullable ||
    bare instanceof z.ZodOptional
  )
    bare = bare.unwrap() as z.ZodType;
  return bare;
}

/**
 * What training options mean, as YAML with every default written out: a file that `readPlanFile` reads.
 *
 * @throws GraftError `model-unknown`
 */
export function planText({ settings, preprocessing, split, approaches }: TrainOptions): string {
  const { inputSize } = modelCard(settings?.modelName ?? 'starter');
  const plan: Plan = planSchema.parse({
    settings: settings ?? {},
    preprocessing: { height: inputSize, width: inputSize, channels: 1, ...preprocessing },
    split,
    ...(approaches ? { approaches } : {}),
  });
  const { augmentation } = plan.settings;
  // A preset says by itself what it is; without one every value stands there.
  if (augmentation.preset === 'custom')
    plan.settings.augmentation = { preset: 'custom', ...resolveAugmentation(augmentation) };
  return stringify(plan);
}
