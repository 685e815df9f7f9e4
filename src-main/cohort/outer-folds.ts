import type { Dataset, Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { foldsOfDataset, type FoldOptions, type Folds } from './folds.ts';

/** Whom one fold of a cross-validation learns from, is stopped by, and is judged by. */
export interface OuterFold {
  train: Sample[];
  validation: Sample[];
  test: Sample[];
}

export interface OuterFoldOptions extends FoldOptions {
  /** About this share of what a fold learns from becomes its validation part. */
  validation: number;
  /** Whether images of the set kept for the test are dealt as well. */
  withTest: boolean;
  /** Patients that take no part. */
  without: ReadonlySet<string>;
}

type HashOf = (sample: Sample) => string | null;
type Dealt = Pick<Dataset, 'train' | 'validation' | 'test' | 'excluded' | 'classes'>;

/**
 * Deals the patients of a dataset to the outer folds of a cross-validation, grouped by patient and stratified by class (`dealFolds`), and the
 * others of each fold once more, in the same way, to what it learns from and what stops it. Each picture is dealt once, and patients who share
 * one are on one side of every fold, as in `foldsOf`. Sets for evaluation alone are not asked for.
 *
 * @param hashOf the hash of an image's pixels; null: like no other
 * @throws GraftError `folds-too-few-patients`
 */
export function dealOuterFolds(
  dataset: Dealt,
  hashOf: HashOf,
  { folds, seed, validation, withTest, without }: OuterFoldOptions,
): { folds: OuterFold[]; copies: number } {
  const takesPart = ({ patientKey }: Sample): boolean => !without.has(patientKey);
  const roles = withTest ? ['train', 'validation', 'test'] : ['train', 'validation'];
  const { classes } = dataset;
  const all = [...dataset.train, ...dataset.validation, ...(withTest ? dataset.test : [])].filter(takesPart);
  const leftOut = dataset.excluded.filter(({ role, sample }) => roles.includes(role) && takesPart(sample));
  // A copy says who shares a picture with whom, in whichever set it would be.
  const excluded = leftOut.map((one) => ({ ...one, role: 'train' }));
  const outer = foldsOfDataset({ train: all, validation: [], excluded, classes }, hashOf, { folds, seed });
  const pool = new Set(outer.pool);
  const copies = all.filter((sample) => !pool.has(sample));
  const reason = 'duplicate-in-training' as const;
  const joining = [
    ...excluded,
    ...copies.map((sample) => ({ sample, role: 'train', reason, duplicateOf: sample.instanceId })),
  ];
  return {
    copies: excluded.length + copies.length,
    folds: Array.from({ length: folds }, (_, fold): OuterFold => {
      const rest = outer.pool.filter((_, at) => outer.foldOf[at] !== fold);
      const inner = dealParts({ train: rest, validation: [], excluded: joining, classes }, hashOf, {
        folds: Math.max(2, Math.round(1 / validation)),
        seed,
      });
      return {
        train: inner.pool.filter((_, at) => inner.foldOf[at] !== 0),
        validation: inner.pool.filter((_, at) => inner.foldOf[at] === 0),
        test: outer.pool.filter((_, at) => outer.foldOf[at] === fold),
      };
    }),
  };
}

/** In fewer parts than wanted where a class has too few patients for more; two at least. */
function dealParts(
  dataset: Parameters<typeof foldsOfDataset>[0],
  hashOf: HashOf,
  options: FoldOptions,
): Folds {
  try {
    return foldsOfDataset(dataset, hashOf, options);
  } catch (thrown) {
    if (options.folds === 2 || GraftError.from(thrown).code !== 'folds-too-few-patients') throw thrown;
    return dealParts(dataset, hashOf, { ...options, folds: options.folds - 1 });
  }
}
