import type { InstanceSummary } from '../store/index.ts';

/**
 * What an image is called independently of the project: its SOP Instance UID, else where it lies. Everything that has
 * to come out the same in another project, or after another order of import, is ordered by it.
 */
export function identity(instance: Pick<InstanceSummary, 'SOPInstanceUID' | 'source' | 'path'>): string {
  return instance.SOPInstanceUID ?? `file:${instance.source}/${instance.path}`;
}

/** Compares by code units: the same on every machine, whatever its language. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Order of class names: `grade 2` before `grade 10`, the same on every machine. */
export function compareNames(one: string, other: string): number {
  const order = new Intl.Collator('en', { numeric: true }).compare(one, other);
  return order === 0 ? compareText(one, other) : order;
}

/** "1 image", "2 images". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? singular : plural}`;
}
