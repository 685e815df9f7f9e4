import { RandomStream } from '../platform/random.ts';

const EXCHANGES = 999;

export interface Association {
  cramersV: number;
  pValue: number;
}

/**
 * How far two groupings of the same patients go together: Cramér's V (1946), corrected for its bias (Bergsma 2013), 0 nothing and 1 all; and the share
 * of dealings of one at random in which χ² is as large, the observed one among them.
 */
export function association(first: readonly number[], second: readonly number[], seed: number): Association {
  const observed = chiSquare(first, second);
  const random = new RandomStream(seed, 'association');
  let asLarge = 1;
  for (let exchange = 0; exchange < EXCHANGES; exchange++)
    if (chiSquare(random.shuffle(first), second) >= observed - 1e-9) asLarge++;
  return { cramersV: cramersV(first, second), pValue: asLarge / (EXCHANGES + 1) };
}

/** Cramér's V with Bergsma's correction. */
export function cramersV(first: readonly number[], second: readonly number[]): number {
  const count = first.length;
  const [rows, columns] = [new Set(first).size, new Set(second).size];
  if (rows < 2 || columns < 2) return 0;
  const excess = Math.max(0, chiSquare(first, second) / count - ((rows - 1) * (columns - 1)) / (count - 1));
  const corrected = (levels: number): number => levels - (levels - 1) ** 2 / (count - 1);
  const least = Math.min(corrected(rows), corrected(columns)) - 1;
  return least > 0 ? Math.min(1, Math.sqrt(excess / least)) : 0;
}

function chiSquare(first: readonly number[], second: readonly number[]): number {
  const cells = new Map<string, number>();
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  const add = <Key>(map: Map<Key, number>, key: Key): void => void map.set(key, (map.get(key) ?? 0) + 1);
  first.forEach((row, at) => {
    add(cells, `${row}/${second[at]}`);
    add(rows, row);
    add(columns, second[at]);
  });
  let sum = 0;
  for (const [row, inRow] of rows)
    for (const [column, inColumn] of columns) {
      const expected = (inRow * inColumn) / first.length;
      sum += ((cells.get(`${row}/${column}`) ?? 0) - expected) ** 2 / expected;
    }
  return sum;
}
