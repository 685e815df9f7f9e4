import { join } from 'node:path';
import type { Capsule, VerifiedRow } from '../../contract/capsule.ts';
import type { Dataset, Split } from '../../contract/dataset.ts';
import { methodOf, type Run } from '../../contract/run.ts';
import { modelFoldersOf } from '../../jobs/predict-ensemble.ts';
import { predictSets } from '../../jobs/predict-run.ts';
import type { JobHandle } from '../../jobs/job-runner.ts';
import { sha256OfFile } from '../../platform/files.ts';
import { listEpochs } from '../../store/epochs.ts';
import { getRun } from '../../store/runs.ts';
import { addedModels } from '../added-models.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { hashOfWeights, trainModel } from '../train-model.ts';
import { comparePredictions } from './compare.ts';
import type { OpenCapsule } from './open-capsule.ts';

type CapsuleRun = Capsule['runs'][number];

/** After another training few digits stay on another machine: what has to agree are the answers, to this. */
const RETRAINED = 1e-3;

/**
 * Trains everything in a capsule again from its plan, as a comparison of its own, and sets weights, epochs and predictions beside those of
 * the capsule. Held-out sets are compared where they were opened for this check already.
 */
export async function retrain(
  session: Session,
  { capsule, predictions }: OpenCapsule,
  split: Split,
  dataset: Dataset,
  imageOf: (instanceId: number) => string | undefined,
  sets: readonly string[],
  reporting: Reporting,
): Promise<VerifiedRow[]> {
  const main = capsule.runs.find(({ approach }) => approach === 'fine-tuned') ?? capsule.runs[0];
  const initial = await startOf(session, main);
  if (initial === null)
    return [
      {
        what: 'Training once more',
        agrees: 'unknown',
        detail: `the weights that it started from (${main.startingWeights?.slice(0, 12)}…) are not in this project; add them first (graft models add)`,
      },
    ];
  const trained = capsule.runs.filter(({ approach }) => methodOf(approach) === null);
  const { runs } = await trainModel(
    session,
    {
      split: { splitId: split.id },
      settings: { ...main.config, initial },
      preprocessing: capsule.preprocessing,
      approaches: trained.map(({ approach }) => approach),
    },
    reporting,
  );
  const rows = capsule.runs.flatMap(({ approach }): VerifiedRow[] =>
    methodOf(approach) === null
      ? []
      : [
          {
            what: `Trained again: ${approach}`,
            agrees: 'unknown',
            detail:
              'it came of an adaptation, which is not repeated here; run graft adapt on what was trained again',
          },
        ],
  );
  for (const then of trained) {
    const now = runs.find(({ approach }) => approach === then.approach)!;
    rows.push(...(await weightsRows(session, then, now)), ...epochRows(session, then, now));
    const title = `Answers of run ${now.id}, trained again`;
    const answers = await session.jobs.run({ kind: 'evaluate', title, ...reporting }, (handle: JobHandle) =>
      predictSets(session.project, now, dataset, sets, handle),
    );
    for (const { runId, setName, file } of capsule.evaluations) {
      const found = answers.get(setName);
      if (runId !== then.id || !found) continue;
      const what = `Trained again: answers of ${then.approach} on ${setName}`;
      rows.push(comparePredictions(what, predictions(file), found, imageOf, RETRAINED));
    }
  }
  return rows;
}

/** What a run started from, as this project has it; null where it has not. */
async function startOf({ project }: Session, run: CapsuleRun): Promise<string | null> {
  const { initial } = run.config;
  const same = async (config: Run['config']): Promise<boolean> =>
    (await hashOfWeights(config)) === run.startingWeights;
  if (initial === 'random') return initial;
  if (initial === 'pretrained') return (await same(run.config)) ? initial : null;
  const known = getRun(project.db, run.id)?.config.initial;
  const folders = [...(known ? [known] : []), ...addedModels(project).map(({ folder }) => folder)];
  for (const folder of folders) if (await same({ ...run.config, initial: folder })) return folder;
  return null;
}

async function weightsRows({ project }: Session, then: CapsuleRun, now: Run): Promise<VerifiedRow[]> {
  if (then.models.length === 0) return [];
  const folders = modelFoldersOf(project, now);
  const found = await Promise.all(folders.map((folder) => sha256OfFile(join(folder, 'weights.safetensors'))));
  const equal = then.models.filter(({ weights }, at) => weights === found[at]).length;
  const whole = equal === then.models.length;
  return [
    {
      what: `Trained again: weights of ${then.approach}`,
      // Other processors add in another order: the answers say whether that matters.
      agrees: whole ? 'exactly' : 'told',
      detail: whole ? `bit by bit (SHA-256 ${found[0].slice(0, 12)}…)` : 'not bit by bit; see its answers',
    },
  ];
}

function epochRows({ project }: Session, then: CapsuleRun, now: Run): VerifiedRow[] {
  if (then.epochs.length === 0) return [];
  const epochs = listEpochs(project.db, now.id);
  const losses = (list: readonly CapsuleRun['epochs'][number][]): (number | null)[] =>
    list.map(({ validationLoss }) => validationLoss);
  const same = JSON.stringify(losses(then.epochs)) === JSON.stringify(losses(epochs));
  return [
    {
      what: `Trained again: epochs of ${then.approach}`,
      agrees: same ? 'exactly' : 'told',
      detail: same
        ? `${epochs.length} epochs with the same losses, all digits`
        : `${epochs.length} epochs, ${then.epochs.length} in the capsule; losses differ`,
    },
  ];
}
