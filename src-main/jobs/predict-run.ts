import type { Dataset, ExcludedSample, Sample } from '../contract/dataset.ts';
import type { Prediction, Run } from '../contract/run.ts';
import type { Project } from '../store/index.ts';
import { majorityProbabilities } from '../training/index.ts';
import type { JobHandle } from './job-runner.ts';
import type { PredictorTask } from './predictor-worker.ts';
import { runInWorker } from './run-in-worker.ts';
import { modelFolder } from './train-run.ts';

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

/** What a finished run says of several sets, in one worker: `validation`, `test`, or names of evaluation sets. */
export async function predictSets(
  project: Project,
  run: Run,
  dataset: Dataset,
  setNames: readonly string[],
  { signal, onProgress }: JobHandle,
): Promise<Map<string, Prediction[]>> {
  const sets = setNames.map((name) => ({ name, asked: samplesOfSet(dataset, name) }));
  const samples = sets.flatMap(({ asked }) => asked.map(({ sample }) => sample));
  const probabilities =
    run.approach === 'majority'
      ? majorityProbabilities(dataset, samples.length)
      : await runInWorker<PredictorTask, never, Float32Array>(
          new URL('./predictor-worker.ts', import.meta.url),
          { modelFolder: modelFolder(project, run.id), dataset, samples, config: run.config },
          {
            what: `The evaluation of run ${run.id}`,
            signal,
            onProgress: (progress) =>
              onProgress({ ...progress, phase: `${run.approach}: ${progress.phase}` }),
          },
        );
  const classes = dataset.classes.length;
  let next = 0;
  return new Map(
    sets.map(({ name, asked }) => [
      name,
      asked.map(({ sample, excluded }): Prediction => {
        const at = classes * next++;
        return {
          instanceId: sample.instanceId,
          frameIndex: sample.frameIndex,
          patientKey: sample.patientKey,
          subgroup: sample.group ?? null,
          label: sample.label,
          ...(sample.findings ? { findings: sample.findings } : {}),
          probabilities: probabilities.slice(at, at + classes),
          excluded,
        };
      }),
    ]),
  );
}
