import type { TargetAudit } from '../../contract/adaptation-judgement.ts';
import type { Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { detectableDifference, pairedSampleSize } from '../../evaluation/planning/index.ts';
import { RandomStream } from '../../platform/random.ts';
import {
  getInstances,
  getSplit,
  listInstances,
  listLabels,
  listSplitMembers,
  type ReadableProject,
} from '../../store/index.ts';
import { getComparison } from '../../store/runs.ts';
import { getAudit, saveAudit } from '../../store/target-audits.ts';
import type { Session } from '../session.ts';
import { type AdaptedGroup, groupOf } from './group.ts';

/** Share of patients on whom one model alone is right, before anything is known of it. */
const DISCORDANT = 0.25;

export interface AuditOptions {
  /** Any run of the group; default the newest. */
  runId?: number;
  /** Difference of accuracies that is to be found with a power of 80 %; default 0.15. */
  difference?: number;
  /** Patients, in place of what the difference asks for. */
  patients?: number;
  /** Default 7. */
  seed?: number;
}

/** Patients that it takes to find a difference. */
export const auditSize = (difference: number): number =>
  pairedSampleSize(difference, Math.max(DISCORDANT, difference));

/**
 * Chooses patients of the target to be labelled, by chance, one image of each: as many as a difference asks for by Connor's formula (1987). Patients in the
 * locked test set or an evaluation set never come into it. Once chosen they stay; asking for more adds further ones.
 *
 * @throws GraftError `adaptation-missing`, `audit-no-patients`, `planning-difference`
 */
export function chooseAudit({ project }: Session, options: AuditOptions = {}): TargetAudit {
  const { difference = 0.15, seed = 7 } = options;
  const group = groupOf(project.db, options.runId);
  const split = splitOf(project, group);
  const size = options.patients ?? auditSize(difference);
  const before = getAudit(project.db, group.key)?.instanceIds ?? [];
  const taken = new Set(getInstances(project.db, before).map(({ patientKey }) => patientKey));
  const open = openPatients(project, split, group).filter(([patient]) => !taken.has(patient));
  if (before.length === 0 && open.length === 0) {
    throw new GraftError(
      'audit-no-patients',
      'Expected patients of the target outside the locked test and evaluation sets to label as an audit, found none. Make a split that does not keep the whole target apart (leave out --evaluate-on), or judge without an audit.',
    );
  }
  const random = new RandomStream(seed, 'adaptation', 'audit');
  const further = random
    .shuffle(open)
    .slice(0, Math.max(0, size - before.length))
    .map(([, images]) => random.pick(images));
  const audit = saveAudit(project.db, group.key, [...before, ...further], seed);
  return toldAudit(project, split, audit.id, group.key.sourceRunId, audit.instanceIds, audit.createdAt);
}

/** The audit of a group, if there is one. */
export function auditOf(project: ReadableProject, group: AdaptedGroup): TargetAudit | null {
  const audit = getAudit(project.db, group.key);
  return (
    audit &&
    toldAudit(
      project,
      splitOf(project, group),
      audit.id,
      group.key.sourceRunId,
      audit.instanceIds,
      audit.createdAt,
    )
  );
}

/** Index of the class of each labelled image of an audit, in the split's order of classes. */
export function auditLabels(
  project: ReadableProject,
  split: Split,
  instanceIds: readonly number[],
): Map<number, number> {
  const wanted = new Set(instanceIds);
  return new Map(
    listLabels(project.db, split.labelSetId).flatMap(({ instanceId, className }) => {
      const label = split.classes.indexOf(className);
      return wanted.has(instanceId) && label >= 0 ? [[instanceId, label] as const] : [];
    }),
  );
}

export const splitOf = ({ db }: ReadableProject, { source }: AdaptedGroup): Split =>
  getSplit(db, getComparison(db, source.comparisonId)!.splitId)!;

/** Patients of the target whom no set is locked for, with their images. */
function openPatients(
  project: ReadableProject,
  split: Split,
  { domains }: AdaptedGroup,
): [string, number[]][] {
  const locked = new Set(
    getInstances(
      project.db,
      listSplitMembers(project.db, split.id)
        .filter(({ role }) => role !== 'train' && role !== 'validation')
        .map(({ instanceId }) => instanceId),
    ).map(({ patientKey }) => patientKey),
  );
  const images = listInstances(project.db, domains.target).filter(
    ({ duplicateOf, patientKey }) => duplicateOf === null && !locked.has(patientKey),
  );
  return [...Map.groupBy(images, ({ patientKey }) => patientKey)]
    .map(([patient, own]): [string, number[]] => [patient, own.map(({ id }) => id).sort((a, b) => a - b)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function toldAudit(
  project: ReadableProject,
  split: Split,
  id: number,
  sourceRunId: number,
  instanceIds: number[],
  createdAt: string,
): TargetAudit {
  const labelled = auditLabels(project, split, instanceIds).size;
  return {
    id,
    sourceRunId,
    instanceIds,
    labelled,
    detectable: detectableDifference(instanceIds.length, DISCORDANT),
    createdAt,
  };
}
