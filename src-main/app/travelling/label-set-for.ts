import { GraftError } from '../../contract/errors.ts';
import type { ModelOrigin } from '../../contract/model-origin.ts';
import {
  createLabelSet,
  labelUnitOf,
  type LabelSet,
  listClasses,
  listLabelSets,
  updateLabelSet,
  type WritableDatabase,
} from '../../store/index.ts';

/**
 * The label set that a model from another project is judged by: the newest whose classes the model has, or a new one with the model's classes,
 * for persons to label an audit with. Classes of the model that a set lacks are added to it.
 *
 * @throws GraftError `travelling-classes`
 */
export function labelSetFor(
  db: WritableDatabase,
  { classes, multiLabel }: Pick<ModelOrigin, 'classes' | 'multiLabel'>,
): number {
  const sets = listLabelSets(db);
  const foreign = ({ id }: LabelSet): string[] =>
    listClasses(db, id)
      .map(({ name }) => name)
      .filter((name) => !classes.includes(name));
  const found = sets.find((one) => one.multiLabel === multiLabel && foreign(one).length === 0);
  if (found) return withClasses(db, found, classes);
  const [newest] = sets;
  if (newest) {
    const has =
      newest.multiLabel === multiLabel
        ? `the label set “${newest.name}” has ${listed(foreign(newest))} as well`
        : `the label set “${newest.name}” is one of ${newest.multiLabel ? 'findings, of which an image may show several' : 'one class for each image'}`;
    throw new GraftError(
      'travelling-classes',
      `Expected labels with the ${multiLabel ? 'findings' : 'classes'} of the model, ${listed(classes)}; ${has}. Name the classes as the model does, or make an empty label set with its classes (Label screen).`,
    );
  }
  return createLabelSet(db, {
    // What a label file is read into when no set is named.
    name: multiLabel ? 'findings' : 'labels',
    unit: 'image',
    multiLabel,
    classes: classes.map((name) => ({ name, color: null, shortcut: null })),
  });
}

function withClasses(db: WritableDatabase, { id, name }: LabelSet, classes: readonly string[]): number {
  const own = listClasses(db, id);
  const missing = classes.filter((one) => !own.some((known) => known.name === one));
  if (missing.length === 0) return id;
  updateLabelSet(db, id, {
    name,
    unit: labelUnitOf(db, id),
    classes: [...own, ...missing.map((one) => ({ name: one, color: null, shortcut: null }))],
  });
  return id;
}

const listed = (names: readonly string[]): string => names.map((name) => `“${name}”`).join(', ');
