import type { DatasetWarning, ExcludedSample, Sample } from '../contract/dataset.ts';
import { findingsText } from '../store/index.ts';
import { counted } from './identity.ts';

/** A sample with the hash of its pixels. */
export interface HashedSample {
  sample: Sample;
  /** train, validation, test, or the name of an evaluation set. */
  role: string;
  hash: string;
}

export interface DuplicateFindings {
  kept: HashedSample[];
  excluded: ExcludedSample[];
  warnings: DatasetWarning[];
}

/**
 * Finds samples that hold exactly the same pixels. A training image is kept once, the first in order; whatever else
 * equals a training image is excluded as `duplicate-of-training`, and what equals a validation image, and is in neither,
 * as `duplicate-of-validation`, because the model was chosen by it.
 *
 * @param samples in canonical order
 */
export function findDuplicates(
  samples: readonly HashedSample[],
  classes: readonly string[],
): DuplicateFindings {
  const kept: HashedSample[] = [];
  const excluded: ExcludedSample[] = [];
  const training = firstByHash(samples.filter(({ role }) => role === 'train'));
  const validation = firstByHash(samples.filter(({ role }) => role === 'validation'));
  for (const one of samples) {
    const { sample, role, hash } = one;
    const inTraining = training.get(hash);
    const inValidation = validation.get(hash);
    if (role === 'train' && inTraining && inTraining !== sample) {
      excluded.push({ sample, role, reason: 'duplicate-in-training', duplicateOf: inTraining.instanceId });
    } else if (role !== 'train' && inTraining) {
      excluded.push({ sample, role, reason: 'duplicate-of-training', duplicateOf: inTraining.instanceId });
    } else if (role !== 'train' && role !== 'validation' && inValidation) {
      const { instanceId } = inValidation;
      excluded.push({ sample, role, reason: 'duplicate-of-validation', duplicateOf: instanceId });
    } else kept.push(one);
  }
  return {
    kept,
    excluded,
    warnings: [...duplicateWarnings(excluded, samples), ...conflictWarnings(samples, classes)],
  };
}

function firstByHash(samples: readonly HashedSample[]): Map<string, Sample> {
  const first = new Map<string, Sample>();
  for (const { hash, sample } of samples) if (!first.has(hash)) first.set(hash, sample);
  return first;
}

function duplicateWarnings(
  excluded: readonly ExcludedSample[],
  samples: readonly HashedSample[],
): DatasetWarning[] {
  const patientOf = new Map(samples.map(({ sample }) => [sample.instanceId, sample.patientKey]));
  const groups = Map.groupBy(excluded, ({ role, reason }) => `${reason}\0${role}`);
  return [...groups.values()].map((group) => {
    const [{ role, reason }] = group;
    const otherPatient = group.filter(
      ({ sample, duplicateOf }) => patientOf.get(duplicateOf) !== sample.patientKey,
    ).length;
    const under = otherPatient > 0 ? ` (${otherPatient} under another patient ID)` : '';
    const has = group.length === 1 ? 'has' : 'have';
    const is = group.length === 1 ? 'it is' : 'they are';
    const message =
      reason === 'duplicate-in-training'
        ? `${counted(group.length, 'training image')} ${has} the same pixels as another training image${under}; ${is} used once.`
        : `${counted(group.length, `${role} image`)} ${has} exactly the pixels of a ${reason === 'duplicate-of-training' ? 'training' : 'validation'} image${under}; ${is} kept out of the evaluation by default.`;
    return {
      kind: 'duplicates',
      count: group.length,
      message,
      instanceIds: group.map(({ sample }) => sample.instanceId),
    };
  });
}

function conflictWarnings(samples: readonly HashedSample[], classes: readonly string[]): DatasetWarning[] {
  const conflicts = [...Map.groupBy(samples, ({ hash }) => hash).values()].filter(
    (group) => new Set(group.map(({ sample }) => labelText(sample, classes))).size > 1,
  );
  if (conflicts.length === 0) return [];
  const labels = [...new Set(conflicts[0].map(({ sample }) => labelText(sample, classes)))];
  return [
    {
      kind: 'conflicting-labels',
      count: conflicts.length,
      message: `${counted(conflicts.length, 'picture')} carried by several images ${conflicts.length === 1 ? 'has' : 'have'} different labels (e.g. ${labels.join(' and ')}); check which is right.`,
      instanceIds: conflicts.flat().map(({ sample }) => sample.instanceId),
    },
  ];
}

const labelText = ({ label, findings }: Sample, classes: readonly string[]): string =>
  findings
    ? findingsText(Object.fromEntries(classes.map((name, at) => [name, findings[at]])))
    : classes[label];
