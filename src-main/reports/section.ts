import type { Html } from './html.ts';
import { whole } from './format.ts';

/** A chapter of the report. */
export interface Section {
  id: string;
  title: string;
  body: Html;
}

/** `no image data 3, truncated 1` */
export const listed = (counts: readonly { name: string; count: number }[]): string =>
  counts.length === 0 ? 'none' : counts.map(({ name, count }) => `${name} ${whole(count)}`).join(', ');
