import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { instanceFilter, type InstanceFilter } from '../../contract/instances.ts';

/** Readers of option values: what is wrong is said in a sentence, with the usage exit code. */

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least}.`);
  };
}

export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}

/** `70/15/15` or `0.7/0.15/0.15`: train, validation, test. */
export function fractions(text: string): { train: number; validation: number; test: number } {
  const parts = text.split('/').map(Number);
  const sum = parts.reduce((total, part) => total + part, 0);
  if (parts.length !== 3 || !(sum > 0) || parts.some((part) => !(part >= 0))) {
    throw new InvalidArgumentError('Expected three shares, such as 70/15/15 for train, validation and test.');
  }
  const [train, validation, test] = parts.map((part) => part / sum);
  return { train, validation, test };
}

/** `--where A=1 --where A=2 --where B=x`: of one attribute either value, of several attributes all. */
export function condition(text: string, before: InstanceFilter = {}): InstanceFilter {
  const at = text.indexOf('=');
  const keyword = text.slice(0, Math.max(at, 0)).trim();
  const value = text.slice(at + 1).trim();
  if (keyword === '' || value === '') {
    throw new InvalidArgumentError('Expected attribute=value, such as Manufacturer=SIEMENS.');
  }
  const known = Object.entries(before).find(([name]) => name === keyword)?.[1];
  // What a number would be written otherwise, such as the station 007, is no number.
  const typed = String(Number(value)) === value && Number.isFinite(Number(value)) ? Number(value) : value;
  const values = known === undefined ? typed : [known, typed].flat();
  const filter = instanceFilter.safeParse({ ...before, [keyword]: values });
  if (filter.success) return filter.data;
  throw new InvalidArgumentError(
    `Expected an attribute to choose images by, found ${keyword}. ${z.prettifyError(filter.error)}`,
  );
}

/** A file that a table or JSON is written to. */
export function tableFile(text: string): string {
  if (/\.(csv|json)$/i.test(text)) return text;
  throw new InvalidArgumentError('Expected a file that ends in .csv or .json.');
}

/** Collects a repeatable option. */
export const collect = (text: string, before: string[] = []): string[] => [...before, text];

/** `40/400`: centre and width, in modality units. */
export function window(text: string): { center: number; width: number } {
  const [center, width, ...rest] = text.split('/').map(Number);
  if (rest.length > 0 || !Number.isFinite(center) || !(width > 0)) {
    throw new InvalidArgumentError('Expected centre/width, such as -600/1500 for lung in Hounsfield units.');
  }
  return { center, width };
}
