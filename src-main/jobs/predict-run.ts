import type { Dataset, ExcludedSample, Sample } from '../contract/dataset.ts';
import type { Prediction, Run } from '../contract/run.ts';
import type { Project } from '../store/index.ts';
import { majorityProbabilities } from '../training/index.ts';
import type { JobHandle } from './job-runner.ts';
import { joined } from './joined.ts';
import {
  askMembers,
  foldsOfRun,
  modelFoldersOf,
  predictionOf,
  predictOutOfFold,
} from './predict-ensemble.ts';

/** A sample with the reason why it is kept out of the main result, or null. */
interface Asked {
  sample: Sample;
  excluded: ExcludedSample['reason'] | null;
}

/** The images of a set: those that count, then those kept out. */
function samplesOfSet(dataset: Dataset, setName: string): Asked[] {
  const counting =
    setName === 'test' || setName === 'validation'
      ? dataset[setName]
      : (dataset.evaluationSets[setName] ?? []);
  return [
    ...counting.map((sample) => ({ sample, excluded: null })),
    ...dataset.excluded
      .filter(({ role }) => role === setName)
      .map(({ sample, reason }) => ({ sample, excluded: reason })),
  ];
}

/** What a finished run says of several sets: `validation`, `test`, or names of evaluation sets. */
export async function predictSets(
  project: Project,
  run: Run,
  dataset: Dataset,
  setNames: readonly string[],
  handle: JobHandle,
): Promise<Map<string, Prediction[]>> {
  const sets = setNames.map((name) => ({ name, asked: samplesOfSet(dataset, name) }));
  const result = new Map<string, Prediction[]>();
  // Members of an ensemble have learned from the validation images of all folds but their own: each is judged by the one that has not.
  const apart = run.config.folds === null ? [] : sets.filter(({ name }) => name === 'validation');
  for (const { name, asked } of apart) result.set(name, await unseen(project, run, dataset, asked, handle));
  const together = sets.filter((set) => !apart.includes(set));
  const samples = together.flatMap(({ asked }) => asked.map(({ sample }) => sample));
  if (samples.length === 0) return result;
  const { probabilities, disagreement } = await answersOf(project, run, dataset, samples, handle);
  const classes = dataset.classes.length;
  let next = 0;
  for (const { name, asked } of together) {
    const predictions = asked.map(({ sample, excluded }): Prediction => {
      const at = next++;
      const own = probabilities.slice(at * classes, (at + 1) * classes);
      return {
        ...predictionOf(sample, own),
        ...(disagreement ? { disagreement: disagreement[at] } : {}),
        excluded,
      };
    });
    result.set(name, predictions);
  }
  return new Map(setNames.map((name) => [name, result.get(name)!]));
}

async function answersOf(
  project: Project,
  run: Run,
  dataset: Dataset,
  samples: readonly Sample[],
  handle: JobHandle,
): Promise<{ probabilities: Float32Array; disagreement?: Float32Array }> {
  if (run.approach === 'majority') return { probabilities: majorityProbabilities(dataset, samples.length) };
  const members = modelFoldersOf(project, run).map((_, member) => ({ member, samples }));
  const answers = await askMembers(project, run, dataset, members, handle);
  return run.config.folds === null ? { probabilities: answers[0] } : joined(answers, dataset.classes.length);
}

async function unseen(
  project: Project,
  run: Run,
  dataset: Dataset,
  asked: readonly Asked[],
  handle: JobHandle,
): Promise<Prediction[]> {
  const { foldOfPatient } = foldsOfRun(project, run, dataset);
  const predictions = await predictOutOfFold(
    project,
    run,
    dataset,
    asked.map(({ sample }) => ({ sample, fold: foldOfPatient.get(sample.patientKey) ?? 0 })),
    handle,
  );
  return predictions.map((one, at) => ({ ...one, excluded: asked[at].excluded }));
}
