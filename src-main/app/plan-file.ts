import { stringify } from 'yaml';
import { resolveAugmentation } from '../contract/augmentation.ts';
import { planSchema, type Plan, type PlanInput } from '../contract/calls/plans.ts';
import type { GraftError } from '../contract/errors.ts';
import type { TrainingSettings } from '../contract/training.ts';
import { cardOf, modelCards } from '../models/index.ts';
import { unknownKeys } from '../platform/schema-shape.ts';
import { isProject, openProjectForReading } from '../store/index.ts';
import { chosenModel } from './added-models.ts';
import type { TrainOptions } from './train-model.ts';
import { readYamlFile } from './yaml-file.ts';

/**
 * Reads a plan from a YAML or JSON file: what is left out takes its default. Every wrong value and every unknown name is said in one
 * sentence, with where it stands.
 *
 * @returns the plan as it was written, defaults not filled in
 * @throws GraftError `plan-file`
 */
export function readPlanFile(path: string): PlanInput {
  const { value, wrong } = readYamlFile(path, 'a training plan', 'plan-file');
  return checked(value ?? {}, wrong);
}

function checked(value: unknown, wrong: (found: string) => GraftError): PlanInput {
  const unknown = unknownKeys(planSchema, value);
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

/**
 * What training options mean, as YAML with every default written out: a file that `readPlanFile` reads.
 *
 * @param folder of the project, whose added models have names too; null where there is none
 * @throws GraftError `model-unknown`
 */
export function planText(options: TrainOptions, folder: string | null = null): string {
  const { preprocessing, split, approaches } = options;
  const settings = withAddedModel(options.settings ?? {}, folder);
  const { modelName = 'starter', initial = 'pretrained' } = settings;
  const { inputSize } = cardOf({ modelName, initial });
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

function withAddedModel(settings: TrainingSettings, folder: string | null): TrainingSettings {
  const { modelName, initial } = settings;
  const inLibrary = modelName === undefined || modelCards().some(({ name }) => name === modelName);
  if (inLibrary || initial !== undefined || folder === null || !isProject(folder)) return settings;
  const project = openProjectForReading(folder);
  try {
    return { ...settings, ...chosenModel(project, modelName) };
  } finally {
    project.close();
  }
}
