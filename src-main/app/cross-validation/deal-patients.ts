import {
  createSplit,
  dealOuterFolds,
  findingsName,
  identity,
  pixelHashes,
  splitHash,
  type OuterFold,
} from '../../cohort/index.ts';
import type { CrossValidation, DealtPatients, HeldOutPatients } from '../../contract/cross-validation.ts';
import type { Dataset, Sample, Split, SplitRole } from '../../contract/dataset.ts';
import { listHeldOutPatients } from '../../store/cross-validations.ts';
import {
  getInstances,
  listSplitMembers,
  listSplits,
  type ReadableProject,
  type SplitToStore,
} from '../../store/index.ts';
import { chooseSplit, type SplitChoice } from '../choose-split.ts';
import { seenBefore } from '../lineage.ts';
import type { Session } from '../session.ts';

/**
 * The split whose patients are dealt: the one asked for, else the one made last. In a project without any, one that keeps nobody for a test,
 * and that no training takes for its own.
 */
export function splitToDeal(session: Session, choice: SplitChoice): Split {
  const { project } = session;
  const free = choice.splitId === undefined && choice.options === undefined;
  if (!free || listSplits(project.db).length > 0) return chooseSplit(session, choice);
  return createSplit(project, { fractions: { train: 0.8, validation: 0.2, test: 0 } }, 'cross-validation');
}

/**
 * Deals patients of a split to folds, each of which becomes a split of its own. Patients that are kept for a test, by this split or by another
 * on which something was trained, are dealt only where the definition asks for all; sets for evaluation alone never are.
 *
 * @param starts folders of the models that the plan, or one of its trials, starts from
 * @throws GraftError `folds-too-few-patients`
 */
export function dealPatientsOf(
  project: ReadableProject,
  split: Split,
  dataset: Dataset,
  { folds, seed, validation, patients }: CrossValidation,
  starts: readonly string[],
): { dealt: DealtPatients; folds: SplitToStore[] } {
  const all = patients === 'all';
  const heldOut = listHeldOutPatients(project.db, split.id);
  const { folds: outer, copies } = dealOuterFolds(dataset, pixelHashes(project), {
    folds,
    seed,
    validation,
    withTest: all,
    without: new Set(all ? [] : heldOut.map(({ patientKey }) => patientKey)),
  });
  const asked = new Set(
    [...dataset.train, ...dataset.validation, ...dataset.test].map(({ patientKey }) => patientKey),
  );
  const kept = [...Map.groupBy(heldOut, (one) => `${one.splitId} ${one.setName}`).values()].flatMap(
    (of): HeldOutPatients[] => {
      const [{ splitId, setName }] = of;
      const count = of.filter(({ patientKey }) => asked.has(patientKey)).length;
      return count === 0 ? [] : [{ splitId, setName, patients: count }];
    },
  );
  const judged = outer.flatMap(({ test }) => test);
  // Of several that trials start from the one that has seen most.
  const seen = starts
    .map((folder) => seenBefore(project, folder, judged))
    .reduce((most, one) => (one.patients > most.patients ? one : most), { patients: 0, images: 0 });
  return {
    dealt: {
      patients: new Set(judged.map(({ patientKey }) => patientKey)).size,
      images: judged.length,
      copies,
      locked: all ? [] : kept,
      opened: all ? kept : [],
      ...(seen.patients > 0 ? { seen } : {}),
    },
    folds: splitsOf(project, split, outer),
  };
}

function splitsOf(project: ReadableProject, split: Split, folds: readonly OuterFold[]): SplitToStore[] {
  const members = new Map(listSplitMembers(project.db, split.id).map((one) => [one.instanceId, one]));
  const names = new Map(getInstances(project.db, [...members.keys()]).map((one) => [one.id, identity(one)]));
  const { labelSetId, classes, multiLabel = false, options } = split;
  return folds.map((fold) => {
    const placed = (['train', 'validation', 'test'] as const).flatMap((role) => placesOf(fold[role], role));
    const own = placed.map(({ instanceId, role }) => ({ ...members.get(instanceId)!, role }));
    const hash = splitHash(
      own.map(({ instanceId, role, classIndex, findings }) => ({
        identity: names.get(instanceId)!,
        role,
        className: findings ? findingsName(findings, classes) : classes[classIndex],
      })),
    );
    return {
      labelSetId,
      classes,
      multiLabel,
      options: { ...options, evaluationSets: {} },
      hash,
      members: own,
      leftOut: [],
    };
  });
}

/** Frames of one file are one place: they are of one patient. */
const placesOf = (samples: readonly Sample[], role: SplitRole): { instanceId: number; role: SplitRole }[] =>
  [...new Set(samples.map(({ instanceId }) => instanceId))].map((instanceId) => ({ instanceId, role }));
