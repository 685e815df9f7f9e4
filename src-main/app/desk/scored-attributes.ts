import { subgroupAttributes } from '../../contract/analysis-settings.ts';
import type { ScoredAttribute } from '../../contract/calls/evaluations.ts';
import type { Prediction } from '../../contract/run.ts';
import { ageBand } from '../../store/analysis-attributes.ts';
import type { InstanceTable } from '../../store/index.ts';

/** With more values, groups are too small to say anything of. */
const MOST_VALUES = 12;

/** Attributes by which the images of a set fall into groups, read from the table that browsing has in memory. */
export function attributesOf(table: InstanceTable, images: readonly Prediction[]): ScoredAttribute[] {
  const rows = images.map(({ instanceId }) =>
    instanceId === null ? undefined : table.rowOf.get(instanceId),
  );
  return subgroupAttributes.flatMap((attribute): ScoredAttribute[] => {
    const value = (row: number): string | null => {
      if (attribute === 'AgeBand') return Number.isNaN(table.ages[row]) ? null : ageBand(table.ages[row]);
      const column = attribute === 'source' ? table.source : table.attributes[attribute];
      const one = column.values[column.codes[row]];
      return one === null || one === undefined || one === '' ? null : String(one);
    };
    const texts = rows.map((row) => (row === undefined ? null : value(row)));
    const values = [...new Set(texts.filter((text) => text !== null))].sort();
    if (values.length < 2 || values.length > MOST_VALUES) return [];
    const place = new Map(values.map((text, at) => [text, at]));
    return [{ attribute, values, codes: texts.map((text) => (text === null ? -1 : place.get(text)!)) }];
  });
}
