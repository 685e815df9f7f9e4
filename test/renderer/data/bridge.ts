import type { Answer } from '../../../src-main/contract/call.ts';
import type { BrowsePage, BrowseRow, Overview } from '../../../src-main/contract/calls/data.ts';
import type { CallName } from '../../../src-main/contract/calls/index.ts';

export interface Asked {
  name: CallName;
  input: Record<string, unknown>;
}

/** Stands in for the application: answers by name, and remembers what it was asked. */
export function standIn(answers: Partial<Record<CallName, (input: never) => unknown>>): { asked: Asked[] } {
  const asked: Asked[] = [];
  window.graft = {
    call: async (name, input): Promise<Answer> => {
      asked.push({ name: name as CallName, input: input as Asked['input'] });
      const answer = answers[name as CallName];
      if (!answer) throw new Error(`Nobody expected ${name}.`);
      try {
        return { ok: true, value: await answer(input as never) };
      } catch (thrown) {
        const { code, message } = thrown as { code: string; message: string };
        return { ok: false, error: { kind: 'expected', code, message } };
      }
    },
    listen: () => () => {},
    pathOf: () => null,
  };
  return { asked };
}

export function row(at: number, changes: Partial<BrowseRow> = {}): BrowseRow {
  return {
    key: String(at),
    kind: 'patient',
    depth: 0,
    title: `P-${at}`,
    expanded: false,
    images: 1,
    patients: 1,
    labelled: 0,
    labels: '',
    instanceId: at + 1,
    frames: 1,
    values: {},
    ...changes,
  };
}

/** So many patients, in windows. */
export const patients =
  (total: number) =>
  ({ offset, limit, expanded }: { offset: number; limit: number; expanded: string[] }): BrowsePage => ({
    total,
    images: total,
    patients: total,
    rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, at) =>
      row(offset + at, { expanded: expanded.includes(String(offset + at)) }),
    ),
  });

export const overview: Overview = {
  images: 10,
  patients: 5,
  labelled: 8,
  parts: [{ kind: 'class', name: 'nodule' }, { kind: 'class', name: 'normal' }, { kind: 'none' }],
  classes: [
    { name: 'nodule', images: 5, patients: 3 },
    { name: 'normal', images: 3, patients: 1 },
    { name: null, images: 2, patients: 1 },
  ],
  distributions: [
    {
      keyword: 'Manufacturer',
      values: [
        { value: 'GE', images: 6, parts: [5, 0, 1] },
        { value: null, images: 4, parts: [0, 3, 1] },
      ],
      others: 3,
    },
    { keyword: 'KVP', values: [{ value: null, images: 10, parts: [5, 3, 2] }], others: 0 },
  ],
};
