import { classColors, type LabelSetDetails } from '../../contract/calls/labels.ts';
import { cohenKappa } from '../../evaluation/index.ts';
import {
  labelUnitOf,
  isDoubtful,
  listAnswers,
  listClasses,
  listDisagreements,
  listReadings,
  listLabelStates,
  listSplits,
  type FindingStates,
  type LabelSet,
  type ReadableDatabase,
  type Reading,
} from '../../store/index.ts';

export function labelSetDetails(db: ReadableDatabase, { id, name, multiLabel }: LabelSet): LabelSetDetails {
  const states = [...listLabelStates(db, id).values()];
  const readings = listReadings(db, id);
  const answers = listAnswers(db, id);
  const classes = listClasses(db, id);
  const taken = new Set(classes.map(({ shortcut }) => shortcut));
  const free = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].filter((key) => !taken.has(key));
  return {
    id,
    name,
    unit: labelUnitOf(db, id),
    multiLabel,
    classes: classes.map(({ color, shortcut, ...one }, at) => ({
      ...one,
      color: color ?? classColors[at % classColors.length],
      shortcut: shortcut ?? free.shift() ?? null,
    })),
    labelled: states.length,
    uncertain: states.filter((state) => isDoubtful(state, answers)).length,
    disagreements: listDisagreements(db, id).size,
    readers: [...new Set(readings.map(({ reader }) => reader))],
    kappa: agreement(readings, multiLabel ? answers : null),
    splits: listSplits(db).filter(({ labelSetId }) => labelSetId === id).length,
  };
}

/** Of the two readers who have read most; of findings over all that both have judged. */
function agreement(
  readings: readonly Reading[],
  answers: ReadonlyMap<number, FindingStates> | null,
): LabelSetDetails['kappa'] {
  const byReader = Map.groupBy(readings, ({ reader }) => reader);
  const [one, other] = [...byReader].sort(([, a], [, b]) => b.length - a.length);
  if (!one || !other) return null;
  const second = new Map(other[1].map(({ instanceId, classId }) => [instanceId, classId]));
  let images = 0;
  const pairs = one[1].flatMap(({ instanceId, classId }): [number, number][] => {
    const answer = second.get(instanceId);
    if (answer === undefined) return [];
    images++;
    return answers ? judgedByBoth(answers.get(classId)!, answers.get(answer)!) : [[classId, answer]];
  });
  if (pairs.length === 0) return null;
  const value = cohenKappa(pairs);
  return value === null ? null : { value, images, readers: [one[0], other[0]] };
}

function judgedByBoth(one: FindingStates, other: FindingStates): [number, number][] {
  return Object.entries(one).flatMap(([id, state]): [number, number][] => {
    const second = other[Number(id)];
    return typeof state === 'number' && typeof second === 'number' ? [[state, second]] : [];
  });
}
