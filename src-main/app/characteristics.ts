import type { SetCharacteristics } from '../contract/characteristics.ts';
import type { Count } from '../contract/report.ts';
import { type CharacterisedImage, listCharacteristics } from '../store/characteristics.ts';
import type { ReadableDatabase } from '../store/index.ts';

/** Quartiles of fewer would nearly be somebody's age. */
const FEWEST_AGES = 5;

/** Whom each set of a split is made of, in the order in which sets are named. */
export function characteristicsOf(
  db: ReadableDatabase,
  splitId: number,
  sets: readonly string[],
): SetCharacteristics[] {
  const bySet = Map.groupBy(listCharacteristics(db, splitId), ({ set }) => set);
  return sets.flatMap((set) => {
    const images = bySet.get(set);
    return images ? [describe(set, images)] : [];
  });
}

function describe(set: string, images: readonly CharacterisedImage[]): SetCharacteristics {
  // One image speaks for its patient: the first.
  const patients = [...Map.groupBy(images, ({ patient }) => patient).values()].map(([first]) => first);
  const ages = patients.flatMap(({ age }) => (age === null ? [] : [age])).sort((a, b) => a - b);
  const years = images.flatMap(({ year }) => (year === null ? [] : [year]));
  return {
    set,
    images: images.length,
    patients: patients.length,
    sex: counted(patients.map(({ sex }) => sex)),
    age:
      ages.length < FEWEST_AGES
        ? null
        : {
            median: quantile(ages, 0.5),
            lower: quantile(ages, 0.25),
            upper: quantile(ages, 0.75),
            known: ages.length,
          },
    years:
      years.length === 0
        ? null
        : [years.reduce((a, b) => Math.min(a, b)), years.reduce((a, b) => Math.max(a, b))],
    manufacturers: counted(images.map(({ manufacturer }) => manufacturer)),
  };
}

const counted = (values: readonly (string | null)[]): Count[] =>
  [...Map.groupBy(values, (value) => value || 'not stated')]
    .map(([name, all]) => ({ name, count: all.length }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

/** Between the two nearest values, as NumPy's default. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
