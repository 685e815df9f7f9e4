import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  aggregationRules,
  type AnalysisSettingsInput,
  subgroupAttributes,
  type SubgroupAttribute,
  type ThresholdRule,
  units,
} from '../../contract/analysis-settings.ts';
import { decimal } from './options.ts';

/** As commander gives them. */
export interface AnalysisFlags {
  unit?: AnalysisSettingsInput['unit'];
  aggregate?: AnalysisSettingsInput['aggregation'];
  threshold?: ThresholdRule;
  subgroups?: SubgroupAttribute[];
  margin?: number;
  miss?: number;
}

/** Flags for everything that can be chosen of an analysis. */
export function addAnalysisOptions(command: Command): Command {
  return command
    .addOption(new Option('--unit <unit>', 'what counts as one case').choices([...units]))
    .addOption(
      new Option('--aggregate <rule>', 'how images speak for their series or patient').choices([
        ...aggregationRules,
      ]),
    )
    .option(
      '--threshold <rule>',
      'how validation chooses the threshold: youden, sensitivity:0.95, specificity:0.9, cost:10/1 (a missed case / a ' +
        'false alarm) or cost:10/1@0.02 (at that prevalence)',
      thresholdFlag,
    )
    .option(
      '--subgroups <attributes>',
      'groups to look at, separated by commas: PatientSex, AgeBand, Manufacturer, source (the imported folder), or any ' +
        'attribute that images can be filtered by; none: none',
      subgroupsFlag,
    )
    .option(
      '--margin <difference>',
      'from which difference on a group is served otherwise',
      decimal(0, 0.999),
    )
    .option('--miss <share>', 'how often a prediction set may miss the true class', decimal(0.001, 0.999));
}

/** @returns undefined where nothing was asked for: what was chosen before stays */
export function analysisOf(flags: AnalysisFlags): AnalysisSettingsInput | undefined {
  const { unit, aggregate, threshold, subgroups, margin, miss } = flags;
  const chosen: AnalysisSettingsInput = {
    ...(unit === undefined ? {} : { unit }),
    ...(aggregate === undefined ? {} : { aggregation: aggregate }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(subgroups === undefined ? {} : { subgroups }),
    ...(margin === undefined ? {} : { margin }),
    ...(miss === undefined ? {} : { miss }),
  };
  return Object.keys(chosen).length === 0 ? undefined : chosen;
}

const RULES = 'Expected youden, sensitivity:0.95, specificity:0.9, cost:10/1 or cost:10/1@0.02.';

/** `cost:10/1@0.02`: a missed case costs 10, a false alarm 1, where 2 % have the condition. */
export function thresholdFlag(text: string): ThresholdRule {
  const [kind, value = ''] = text.split(':');
  const share = (number: string): number => {
    const read = Number(number);
    if (number.trim() !== '' && read > 0 && read < 1) return read;
    throw new InvalidArgumentError(`${RULES} Shares lie between 0 and 1.`);
  };
  if (text === 'youden') return { kind: 'youden' };
  if (kind === 'sensitivity' || kind === 'specificity') return { kind, least: share(value) };
  if (kind === 'cost') {
    const [costs, prevalence] = value.split('@');
    const [falseNegative, falsePositive, ...rest] = costs.split('/').map(Number);
    if (rest.length === 0 && falseNegative > 0 && falsePositive > 0)
      return {
        kind,
        falseNegative,
        falsePositive,
        ...(prevalence === undefined ? {} : { prevalence: share(prevalence) }),
      };
  }
  throw new InvalidArgumentError(RULES);
}

function subgroupsFlag(text: string): SubgroupAttribute[] {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !subgroupAttributes.includes(name as SubgroupAttribute));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`Found "${unknown}". Expected some of ${subgroupAttributes.join(', ')}.`);
  if (names.length > 8) throw new InvalidArgumentError('Expected eight attributes at most.');
  return names as SubgroupAttribute[];
}
