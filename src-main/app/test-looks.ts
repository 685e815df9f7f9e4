import { basename } from 'node:path';
import type { AnalysisSettings } from '../contract/analysis-settings.ts';
import type { TestLook, TestLooks } from '../contract/analysis.ts';
import type { Run } from '../contract/run.ts';
import { listAnalysisSettings, type ChosenSettings } from '../store/analyses.ts';
import { crossValidatedPatients } from '../store/cross-validations.ts';
import { getComparison, listRunsOfComparison } from '../store/runs.ts';
import { listOpenings, type Opening } from '../store/openings.ts';
import { getSplit, type ReadableDatabase } from '../store/index.ts';

/** More changes than these are counted. */
const CHANGES_SHOWN = 6;

/** Every look at a held-out set of a comparison's split, by any training, and what was changed between looks. */
export function looksAt(db: ReadableDatabase, comparisonId: number, setName: string): TestLooks {
  const split = getSplit(db, getComparison(db, comparisonId)!.splitId)!;
  const openings = listOpenings(db, split.hash).filter((opening) => opening.setName === setName);
  const looks = openings.map((opening, at): TestLook => ({
    openedAt: opening.openedAt,
    comparisonId: opening.comparisonId,
    changed: at === 0 ? null : changes(stateOf(db, openings[at - 1]), stateOf(db, opening)),
  }));
  const last = openings.findLastIndex((opening) => opening.comparisonId === comparisonId);
  const others = (part: readonly Opening[]): number =>
    part.filter((opening) => opening.comparisonId !== comparisonId).length;
  const before = last < 0 ? openings.length : others(openings.slice(0, last));
  const after = last < 0 ? 0 : others(openings.slice(last + 1));
  const settingsChanged = changesAfter(
    listAnalysisSettings(db, comparisonId),
    openings.find((opening) => opening.comparisonId === comparisonId)?.openedAt,
  );
  const found = { looks, before, after, settingsChanged };
  const sentences = [
    ...sentencesOf(found, comparisonId, setName),
    ...crossValidatedBefore(db, split.id, setName),
  ];
  return { ...found, sentences };
}

/** Patients of a held-out set that a cross-validation had judged: whoever read its results knew something of the set. */
const crossValidatedBefore = (db: ReadableDatabase, splitId: number, setName: string): string[] =>
  crossValidatedPatients(db, splitId, setName).map(
    ({ crossValidationId, createdAt, patients }) =>
      `${times(patients, 'patient')} of the set ${setName} ${patients === 1 ? 'was' : 'were'} judged by cross-validation ${crossValidationId} of ${day(createdAt)} as well: what was chosen by its results may have been guided by them.`,
  );

/** Everything that a person chose, as text by the path of its name. */
type State = Map<string, string>;

function stateOf(db: ReadableDatabase, { comparisonId, crossValidationId, openedAt }: Opening): State {
  if (crossValidationId !== null) return new Map([['training', `cross-validation ${crossValidationId}`]]);
  if (comparisonId === null) return new Map([['training', 'one that was deleted since']]);
  const runs = listRunsOfComparison(db, comparisonId);
  const main = runs.find(({ approach }) => approach === 'fine-tuned') ?? runs.at(-1);
  const settings = listAnalysisSettings(db, comparisonId).findLast(({ chosenAt }) => chosenAt <= openedAt);
  return new Map([
    ...(main ? configState(main) : []),
    ...(settings ? flattened('analysis', settings.settings) : []),
  ]);
}

/** A folder on this machine says who uses it: its last name is enough to know a model by. */
const configState = ({ config, preprocessing }: Run): [string, string][] => [
  ...flattened('', { ...config, initial: basename(config.initial) }),
  ...flattened('preprocessing', preprocessing),
];

function flattened(path: string, value: unknown): [string, string][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return [[path, JSON.stringify(value) ?? 'none']];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattened(path === '' ? key : `${path}.${key}`, inner),
  );
}

function changes(before: State, after: State): string[] {
  const changed = [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [from, to] = [before.get(key) ?? 'none', after.get(key) ?? 'none'];
    return from === to ? [] : [`${key}: ${from} → ${to}`];
  });
  const more = changed.length - CHANGES_SHOWN;
  return more > 0 ? [...changed.slice(0, CHANGES_SHOWN), `${more} more`] : changed;
}

/** Settings chosen after a set was first opened for this training, each with what it changed. */
function changesAfter(
  chosen: readonly ChosenSettings[],
  openedAt: string | undefined,
): TestLooks['settingsChanged'] {
  if (openedAt === undefined) return [];
  const state = (settings: AnalysisSettings): State => new Map(flattened('', settings));
  return chosen.flatMap(({ settings, chosenAt }, at) => {
    if (chosenAt <= openedAt || at === 0) return [];
    return [{ at: chosenAt, changed: changes(state(chosen[at - 1].settings), state(settings)) }];
  });
}

const times = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const day = (at: string): string => at.slice(0, 10);

function sentencesOf(
  { looks, before, after, settingsChanged }: Omit<TestLooks, 'sentences'>,
  comparisonId: number,
  setName: string,
): string[] {
  const sentences: string[] = [];
  if (looks.length > 1) {
    const trainings = new Set(looks.map((look) => look.comparisonId)).size;
    sentences.push(
      `The set ${setName} was looked at ${looks.length} times, by ${times(trainings, 'training')}, first on ${day(looks[0].openedAt)}.`,
    );
  }
  if (before > 0) {
    const changed = firstChange(looks, comparisonId);
    sentences.push(
      `It had been looked at ${times(before, 'time')} by other trainings before this one was judged by it${changed}: what was changed since may have been guided by it, and these results be too good.`,
    );
  }
  if (after > 0)
    sentences.push(
      `It was looked at ${times(after, 'time')} by other trainings afterwards: if one of those is reported instead, because it did better, its results are too good.`,
    );
  for (const { at, changed } of settingsChanged)
    sentences.push(
      `The analysis was changed on ${day(at)}, after the set had been looked at (${changed.join('; ')}): results under the new settings were chosen knowing those under the old.`,
    );
  return sentences;
}

/** What set the training apart from the one looked at before it, in brackets. */
function firstChange(looks: readonly TestLook[], comparisonId: number): string {
  const first = looks.find((look) => look.comparisonId === comparisonId);
  return first?.changed && first.changed.length > 0
    ? ` (changed since the look before: ${first.changed.join('; ')})`
    : '';
}
