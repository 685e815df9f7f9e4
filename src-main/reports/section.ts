import type { ReportModel } from '../contract/report.ts';
import type { Blocks } from './blocks.ts';
import { whole } from './format.ts';

/** A chapter of the report, in every format the same. */
export interface Section {
  /** Of the link to it, and of pointers in checklists. */
  id: string;
  title: string;
  blocks: Blocks;
}

/**
 * Makes the chapters of one subject from what is recorded; none where nothing is. Each subject has a file of its own in `sections`, and a place
 * in the list there: that is all that a new one needs to be in HTML and PDF.
 */
export type SectionMaker = (model: ReportModel) => Section[];

/** `no image data 3, truncated 1` */
export const listed = (counts: readonly { name: string; count: number }[]): string =>
  counts.length === 0 ? 'none' : counts.map(({ name, count }) => `${name} ${whole(count)}`).join(', ');
