import type { Command } from 'commander';
import type { SplitChoice } from '../../../app/index.ts';
import type { InstanceFilter } from '../../../contract/instances.ts';
import { collect, condition, fractions, wholeNumber } from '../options.ts';

/** Options of the commands that can make a split. */
export interface SplitFlags {
  split?: number;
  splitSeed?: number;
  fractions?: { train: number; validation: number; test: number };
  dataset?: string;
  where?: InstanceFilter;
  evaluateOn?: string[];
  useSplitColumn?: boolean;
}

export function addSplitOptions(command: Command): Command {
  return command
    .option('--split-seed <n>', 'seed that deals the patients (default: 0)', wholeNumber(0))
    .option('--fractions <a/b/c>', 'shares for train/validation/test (default: 70/15/15)', fractions)
    .option('-d, --dataset <name>', 'train and test on this dataset alone (default: all)')
    .option('--where <attribute=value>', 'only images with this attribute; may be repeated', condition)
    .option(
      '--evaluate-on <dataset>',
      'keep a dataset apart, as an external test set; may be repeated',
      collect,
    )
    .option('--use-split-column', 'use the column split of the label table');
}

/** The split that the options ask for; without any of them the one made last, or a new one with the defaults. */
export function splitChoice(flags: SplitFlags): SplitChoice {
  if (flags.split !== undefined) return { splitId: flags.split };
  const { splitSeed, dataset, where, evaluateOn, useSplitColumn } = flags;
  const given = [splitSeed, flags.fractions, dataset, where, evaluateOn, useSplitColumn];
  if (given.every((value) => value === undefined)) return {};
  const filter = { ...where, ...(dataset === undefined ? {} : { source: dataset }) };
  return {
    options: {
      ...(splitSeed === undefined ? {} : { seed: splitSeed }),
      ...(flags.fractions ? { fractions: flags.fractions } : {}),
      ...(Object.keys(filter).length > 0 ? { filter } : {}),
      ...(useSplitColumn ? { predefined: true } : {}),
      evaluationSets: Object.fromEntries((evaluateOn ?? []).map((name) => [name, { source: name }])),
    },
  };
}
