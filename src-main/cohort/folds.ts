import type { Dataset, Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { listPixelHashes, type ReadableProject } from '../store/index.ts';
import { dealFolds, type FoldGroup } from './deal-folds.ts';
import { counted } from './identity.ts';
import { frameKey } from './tensor-cache.ts';

/** How training and validation images are dealt to the folds of a cross-validation. */
export interface Folds {
  count: number;
  /** All images of all folds. Each picture is here once. */
  pool: Sample[];
  /** Fold of each image of the pool, from 0. */
  foldOf: number[];
  /** Fold of each patient, those too of whom every picture is used under another: the fold of whom they share one with. */
  foldOfPatient: ReadonlyMap<string, number>;
}

export interface FoldOptions {
  /** 2 or more. */
  folds: number;
  seed: number;
}

/**
 * Deals the training and validation patients of a dataset to folds: grouped by patient, stratified by class (`dealFolds`). Whoever is in
 * the test set, or in a set kept for evaluation alone, is not asked for.
 *
 * A picture that occurs again, under whichever patient, is used once, as in training; and patients who share a picture stay on one side
 * with all their images, since they are likely to be one person.
 *
 * @throws GraftError `folds-too-few-patients`
 */
export function foldsOf(project: ReadableProject, dataset: Dataset, options: FoldOptions): Folds {
  return foldsOfDataset(dataset, pixelHashes(project), options);
}

/** Gives the hash of an image's pixels; null where they were never decoded. */
export function pixelHashes({ db }: Pick<ReadableProject, 'db'>): (sample: Sample) => string | null {
  const hashes = new Map(
    listPixelHashes(db).map((one) => [frameKey(one.instanceId, one.frameIndex), one.sha256]),
  );
  return ({ instanceId, frameIndex }) => hashes.get(frameKey(instanceId, frameIndex)) ?? null;
}

/** @param hashOf the hash of an image's pixels; null: like no other */
export function foldsOfDataset(
  { train, validation, excluded, classes }: Pick<Dataset, 'train' | 'validation' | 'excluded' | 'classes'>,
  hashOf: (sample: Sample) => string | null,
  { folds, seed }: FoldOptions,
): Folds {
  const persons = new Persons();
  const known = new Map<string, Sample>();
  const pool: Sample[] = [];
  // What the dataset keeps out is not used here either; but it says who shares a picture with whom.
  const copies = new Set(
    excluded.filter(({ role }) => role === 'train' || role === 'validation').map(({ sample }) => sample),
  );
  for (const sample of [...train, ...validation, ...copies]) {
    const hash = hashOf(sample);
    const same = hash === null ? undefined : known.get(hash);
    if (same) persons.join(sample.patientKey, same.patientKey);
    else {
      if (hash !== null) known.set(hash, sample);
      if (!copies.has(sample)) pool.push(sample);
    }
  }
  const groups = groupsOf(pool, persons, classes.length);
  requireEnough(groups, classes, folds);
  const dealt = dealFolds(groups, folds, seed);
  const foldOfPerson = new Map(groups.map(({ person }, at) => [person, dealt[at]]));
  const foldOf = ({ patientKey }: Sample): number => foldOfPerson.get(persons.of(patientKey))!;
  return {
    count: folds,
    pool,
    foldOf: pool.map(foldOf),
    foldOfPatient: new Map([...train, ...validation, ...copies].map((one) => [one.patientKey, foldOf(one)])),
  };
}

/**
 * The dataset of one fold: it is judged by that fold, and learns from all others. Held-out sets are not in it, so that whoever is handed
 * it cannot look at them.
 *
 * @param fold from 0
 */
export function datasetOfFold(dataset: Dataset, { pool, foldOf }: Folds, fold: number): Dataset {
  return {
    ...withoutHeldOut(dataset),
    train: pool.filter((_, at) => foldOf[at] !== fold),
    validation: pool.filter((_, at) => foldOf[at] === fold),
    pool,
  };
}

/** A dataset for choosing between models: training and validation alone. */
export const withoutHeldOut = (dataset: Dataset): Dataset => ({
  ...dataset,
  test: [],
  evaluationSets: {},
  excluded: [],
});

interface PersonGroup extends FoldGroup {
  person: string;
}

/** Patient keys differ from project to project, identities of images do not: groups are named by the first of theirs. */
function groupsOf(pool: readonly Sample[], persons: Persons, classes: number): PersonGroup[] {
  const strata = pool.some(({ findings }) => findings) ? classes + 1 : classes;
  return [...Map.groupBy(pool, ({ patientKey }) => persons.of(patientKey))].map(([person, own]) => ({
    person,
    key: own.map(({ sopInstanceUID, instanceId }) => sopInstanceUID ?? String(instanceId)).sort()[0],
    counts: Array.from(
      { length: strata },
      (_, stratum) => own.filter((one) => strataOf(one, classes).includes(stratum)).length,
    ),
  }));
}

/** What an image is stratified by: its class, or each of its findings, those that show none being one more stratum. */
function strataOf({ label, findings }: Sample, classes: number): number[] {
  if (!findings) return [label];
  const present = findings.flatMap((finding, c) => (finding === 1 ? [c] : []));
  return present.length > 0 ? present : [classes];
}

function requireEnough(groups: readonly FoldGroup[], classes: readonly string[], folds: number): void {
  classes.forEach((name, c) => {
    const found = groups.filter(({ counts }) => counts[c] > 0).length;
    if (found >= folds) return;
    throw new GraftError(
      'folds-too-few-patients',
      `Expected at least ${counted(folds, 'patient')} of class “${name}” in training and validation, one for each fold; found ${found}. Ask for fewer folds, or add patients.`,
    );
  });
}

/** Patients who share a picture, joined under the first of their keys. */
class Persons {
  readonly #above = new Map<string, string>();

  of(patient: string): string {
    let at = patient;
    for (let next = this.#above.get(at); next !== undefined; next = this.#above.get(at)) at = next;
    return at;
  }

  join(one: string, other: string): void {
    const [first, second] = [this.of(one), this.of(other)].sort();
    if (first !== second) this.#above.set(second, first);
  }
}
