import type { ReportModel } from '../../contract/report.ts';

/**
 * What the records say to an item:
 * - `answered`: all that it asks for, as far as a record can
 * - `partly`: some of it; the rest is the author's
 * - `author`: nothing; no record can know it
 */
export type AnswerState = 'answered' | 'partly' | 'author';

export interface Answer {
  state: AnswerState;
  /** One or two sentences drawn from the records; for an author, what is asked of them. */
  text: string;
  /** Id of the section that shows it; null where none does. */
  section: string | null;
}

export interface ChecklistItem {
  /** As printed in the checklist: `12`, `23a`. */
  number: string;
  /** The part of a paper that it belongs to. */
  part: string;
  /** What it asks for, in our words. */
  asks: string;
  answer: (model: ReportModel) => Answer;
}

export interface Checklist {
  id: string;
  name: string;
  /** Where it was published. */
  source: string;
  items: readonly ChecklistItem[];
}

export const answered = (section: string, text: string): Answer => ({ state: 'answered', text, section });
export const partly = (section: string, text: string): Answer => ({ state: 'partly', text, section });
export const author = (text: string): Answer => ({ state: 'author', text, section: null });
export const ask = (text: string) => (): Answer => author(text);

/** Of each item its answer. */
export const answerAll = (
  { items }: Checklist,
  model: ReportModel,
): (Answer & Pick<ChecklistItem, 'number' | 'part' | 'asks'>)[] =>
  items.map(({ number, part, asks, answer }) => ({ number, part, asks, ...answer(model) }));
