import type { DerivedKeyword, imageProblems } from '../../../contract/calls/data.ts';
import {
  listNewestSplitMembers,
  listRepeatedFrames,
  undecodableInstances,
  unidentifiedPatients,
  type CodedColumn,
  type InstanceTable,
  type ReadableDatabase,
} from '../../../store/index.ts';

type Value = string | number | null;
export type ImageProblem = (typeof imageProblems)[number];

/** A column that is made of others, or of what else is stored of images. */
export function derivedColumn(
  keyword: DerivedKeyword,
  db: ReadableDatabase,
  table: InstanceTable,
): CodedColumn {
  switch (keyword) {
    case 'AgeGroup':
      return coded(table, (row) => ageGroup(table.ages[row]));
    case 'PixelSize':
      return coded(table, (row) => {
        const spacing = table.rowSpacings[row];
        return Number.isNaN(spacing) ? null : Math.round(spacing * 100) / 100;
      });
    case 'MatrixSize': {
      const { Rows, Columns } = table.attributes;
      return coded(table, (row) => `${Rows.values[Rows.codes[row]]} × ${Columns.values[Columns.codes[row]]}`);
    }
    case 'SplitRole': {
      const roles = new Map(listNewestSplitMembers(db).map(({ instanceId, role }) => [instanceId, role]));
      return coded(table, (row) => roles.get(table.ids[row]) ?? null);
    }
    case 'Problem':
      return problemColumn(db, table);
  }
}

function ageGroup(years: number): string | null {
  if (Number.isNaN(years)) return null;
  const from = Math.floor(years / 10) * 10;
  return `${from}–${from + 9}`;
}

function problemColumn(db: ReadableDatabase, table: InstanceTable): CodedColumn {
  const undecodable = undecodableInstances(db);
  const repeated = repeatedInstances(db, table);
  const unidentified = unidentifiedPatients(db);
  const { codes, values } = table.patients;
  return coded(table, (row): ImageProblem | null => {
    const id = table.ids[row];
    if (undecodable.has(id)) return 'not-decodable';
    if (table.duplicate[row]) return 'duplicate-uid';
    if (repeated.has(id)) return 'same-pixels';
    return unidentified.has(Number(values[codes[row]])) ? 'no-patient-id' : null;
  });
}

/** Images that share pixels with another image whose file is there. */
function repeatedInstances(db: ReadableDatabase, table: InstanceTable): Set<number> {
  const there = listRepeatedFrames(db).filter(({ instanceId }) => table.rowOf.has(instanceId));
  const groups = Map.groupBy(there, ({ sha256 }) => sha256);
  return new Set(
    [...groups.values()]
      .filter((group) => new Set(group.map(({ instanceId }) => instanceId)).size > 1)
      .flatMap((group) => group.map(({ instanceId }) => instanceId)),
  );
}

function coded(table: InstanceTable, valueAt: (row: number) => Value): CodedColumn {
  const known = new Map<Value, number>();
  const values: Value[] = [];
  const codes = Uint32Array.from(table.ids, (_, row) => {
    const value = valueAt(row);
    let code = known.get(value);
    if (code === undefined) {
      code = values.length;
      known.set(value, code);
      values.push(value);
    }
    return code;
  });
  return { codes, values };
}
