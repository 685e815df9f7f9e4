import { datasetOfFold, foldsOf, withoutHeldOut } from '../../cohort/index.ts';
import type { PlanInput } from '../../contract/calls/plans.ts';
import type { Dataset, DatasetWarning, PreprocessingInput } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Choices } from '../../contract/sweep.ts';
import type { TrainingConfig } from '../../contract/training.ts';
import { getSplit, transaction } from '../../store/index.ts';
import { createComparison, type NewRun } from '../../store/runs.ts';
import { listPlaces, listTrials, placeInSweep, type StoredSweep } from '../../store/sweeps.ts';
import { planOf } from '../../training/sweep/index.ts';
import { withChosenAugmentation } from '../choose-augmentation.ts';
import { runEnvironment } from '../environment.ts';
import type { Session } from '../session.ts';
import { configOf, hashOfWeights, prepare, preprocessingFor } from '../train-model.ts';

/** A trial's training, with every default, and what its images become. */
export function trialPlan(
  { project }: Pick<Session, 'project'>,
  plan: PlanInput,
  choices: Choices,
): { config: TrainingConfig; preprocessing: PreprocessingInput } {
  const { settings, preprocessing } = planOf(plan, choices);
  const config = configOf(project, { ...settings, folds: null });
  return { config, preprocessing: preprocessingFor({ project }, config, preprocessing ?? {}) };
}

/**
 * Prepares the images of a sweep and makes the runs that are not there yet: for each trial one, or one for each fold.
 *
 * @returns of each run, by its id, the dataset that it is trained on. Held-out sets are in none.
 */
export async function prepareTrials(
  session: Session,
  sweep: StoredSweep,
  onWarnings: (warnings: DatasetWarning[]) => void,
): Promise<Map<number, Dataset>> {
  const { db } = session.project;
  const open = new DatasetsOfSweep(session, sweep, onWarnings);
  const known = new Map(listPlaces(db, sweep.id).map((one) => [`${one.trial}/${one.fold}`, one.runId]));
  const environment = runEnvironment();
  const result = new Map<number, Dataset>();
  for (const { number, choices } of listTrials(db, sweep.id)) {
    const { config: wished, preprocessing } = trialPlan(session, sweep.plan, choices);
    const { config } = withChosenAugmentation(session, wished, getSplit(db, sweep.splitId)!);
    const datasets = await open.of(preprocessing);
    const startingWeights = await open.weightsOf(config);
    const folded = sweep.definition.folds !== null;
    transaction(db, () => {
      for (const [at, dataset] of datasets.entries()) {
        const place = { sweepId: sweep.id, trial: number, fold: folded ? at + 1 : 0 };
        const run: NewRun = {
          approach: 'fine-tuned',
          config,
          preprocessing: dataset.preprocessing,
          environment,
          startingWeights,
        };
        const runId = known.get(`${number}/${place.fold}`) ?? addRun(session, sweep, run, place);
        result.set(runId, dataset);
      }
    });
  }
  return result;
}

function addRun(
  { project }: Session,
  sweep: StoredSweep,
  run: NewRun,
  place: { sweepId: number; trial: number; fold: number },
): number {
  const [{ id }] = createComparison(project.db, sweep.splitId, [run], 'sweep').runs;
  placeInSweep(project.db, { ...place, runId: id });
  return id;
}

/** Trials with the same preprocessing share their images, and those with the same start its hash. */
class DatasetsOfSweep {
  readonly #session: Session;
  readonly #sweep: StoredSweep;
  readonly #onWarnings: (warnings: DatasetWarning[]) => void;
  readonly #datasets = new Map<string, Dataset[]>();
  readonly #weights = new Map<string, string | null>();

  constructor(session: Session, sweep: StoredSweep, onWarnings: (warnings: DatasetWarning[]) => void) {
    this.#session = session;
    this.#sweep = sweep;
    this.#onWarnings = onWarnings;
  }

  /** One for each fold, or one in all. */
  async of(preprocessing: PreprocessingInput): Promise<Dataset[]> {
    const key = JSON.stringify(preprocessing);
    const known = this.#datasets.get(key);
    if (known) return known;
    const { project } = this.#session;
    const split = getSplit(project.db, this.#sweep.splitId)!;
    const dataset = await prepare(this.#session, split, preprocessing, {});
    if (this.#datasets.size === 0) this.#onWarnings(dataset.warnings);
    const { folds, seed } = this.#sweep.definition;
    const datasets = folds === null ? [judged(dataset)] : this.#folded(dataset, folds, seed);
    this.#datasets.set(key, datasets);
    return datasets;
  }

  async weightsOf(config: TrainingConfig): Promise<string | null> {
    const key = JSON.stringify([config.initial, config.modelName]);
    if (!this.#weights.has(key)) this.#weights.set(key, await hashOfWeights(config));
    return this.#weights.get(key)!;
  }

  #folded(dataset: Dataset, folds: number, seed: number): Dataset[] {
    const dealt = foldsOf(this.#session.project, dataset, { folds, seed });
    return Array.from({ length: folds }, (_, fold) => datasetOfFold(dataset, dealt, fold));
  }
}

function judged(dataset: Dataset): Dataset {
  if (dataset.validation.length > 0) return withoutHeldOut(dataset);
  throw new GraftError(
    'sweep-nothing-to-judge',
    'Expected validation images to judge trials by, found none in this split. Make a split with a share for validation, or ask for folds.',
  );
}
