import { choicesText } from '../../app/index.ts';
import type { SweepReport, Trial } from '../../contract/sweep.ts';
import { table, type Cell } from './table.ts';

/** Trials as rows, the best first: where they stand, what they reached, and what they change. */
export function sweepTable({ trials, objective, definition }: SweepReport): string {
  const fields = Object.keys(trials[0]?.choices ?? {});
  const folded = definition.folds !== null;
  return table(
    ['trial', objective, ...(folded ? ['± SE'] : []), 'state', 'epochs', 'seconds', ...fields],
    trials.map((trial): Cell[] => [
      trial.number,
      trial.mean === null ? null : Number(trial.mean.toFixed(4)),
      ...(folded ? [trial.standardError === null ? null : Number(trial.standardError.toFixed(4))] : []),
      stateText(trial),
      trial.epochs || null,
      trial.seconds === 0 ? null : Number(trial.seconds.toFixed(1)),
      ...fields.map((field) => cell(trial.choices[field])),
    ]),
  );
}

function stateText({ state, round, error }: Trial): string {
  if (state === 'dropped') return `dropped in round ${round}`;
  return error ? `${state}: ${error.code}` : state;
}

const cell = (value: Trial['choices'][string]): Cell =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);

/** A sweep in one line: what it varies, and where it stands. */
export function sweepLine(report: SweepReport): Cell[] {
  const { id, state, definition, objective, trials, best, createdAt } = report;
  const ended = trials.filter((one) => ['done', 'dropped', 'failed'].includes(one.state)).length;
  const first = trials.find(({ number }) => number === best);
  return [
    id,
    state,
    definition.strategy,
    `${ended}/${trials.length}`,
    definition.folds ?? 'validation',
    objective,
    first?.mean === undefined || first.mean === null ? null : Number(first.mean.toFixed(4)),
    first ? `trial ${first.number}: ${choicesText(first.choices)}` : null,
    createdAt.slice(0, 16).replace('T', ' '),
  ];
}

export const SWEEP_LINE = [
  ...['sweep', 'state', 'strategy', 'trials', 'folds', 'objective', 'best', 'plan of the best', 'made (UTC)'],
];
