import { z } from 'zod';
import type { Finding } from '../dataset.ts';
import { call, type CallTable } from '../call.ts';
import { imageQuery } from './data.ts';

const id = z.int();
const className = z.string().trim().min(1).max(80);
const color = z.string().regex(/^#[0-9a-f]{6}$/i);
/** One key: a digit or a letter that the viewer has no use for. */
const shortcut = z.string().regex(/^[1-9]$/);

export const labelUnits = ['image', 'patient'] as const;

/**
 * Colours for classes that were given none, by position: told apart by most kinds of colour vision (Okabe and Ito 2008), a
 * little lighter for dark screens.
 */
export const classColors = [
  '#56b4e9',
  '#e69f00',
  '#3cc79b',
  '#f0e442',
  '#5a8fd6',
  '#e8743b',
  '#d68ab8',
  '#b0b7bd',
  '#9ad14b',
] as const;

const classToSave = z.object({
  /** Absent for a new one. */
  id: id.optional(),
  name: className,
  color: color.nullable().default(null),
  shortcut: shortcut.nullable().default(null),
});
export type ClassToSave = z.input<typeof classToSave>;

/** Of a multi-label set: what is said of each finding, by its id; one that is missing was not judged. */
export type SaidFindings = Readonly<Record<number, Finding>>;

export interface LabelClass {
  id: number;
  name: string;
  color: string;
  /** `1` … `9`; null where there are more classes than keys. */
  shortcut: string | null;
  images: number;
}

export interface LabelSetDetails {
  id: number;
  name: string;
  unit: (typeof labelUnits)[number];
  /** Whether an image may show any number of the classes, which are then findings. */
  multiLabel: boolean;
  classes: LabelClass[];
  labelled: number;
  /** Images whose label, or a finding of it, is in doubt. */
  uncertain: number;
  disagreements: number;
  readers: string[];
  /** Agreement of the two busiest readers beyond chance (Cohen 1960), on images that both read; null without two. */
  kappa: { value: number; images: number; readers: [string, string] } | null;
  /** Stored splits made of this set: they keep the labels as they were. */
  splits: number;
}

export const queueOrders = ['series', 'random'] as const;
export const queueFilters = ['all', 'unlabelled', 'uncertain', 'disagreements'] as const;

/** What is to be read, in order; one entry for each image. */
export interface LabelQueue {
  instanceIds: number[];
  /** Class id; 0 where there is none. Of a multi-label set the id of an answer. */
  classIds: number[];
  /** Of a multi-label set: what the answers that occur say. */
  answers: Record<number, SaidFindings>;
  /** 1 where the reader was in doubt. */
  uncertain: number[];
}

export interface LabelState {
  /** Null where there is no label. Of a multi-label set the id of an answer. */
  classId: number | null;
  uncertain: boolean;
  /** Only of a multi-label set. */
  findings?: SaidFindings;
}

export interface LabelledImage {
  instanceId: number;
  pseudonym: string;
  source: string;
  series: string;
  /** Place among the series' images, from 1. */
  place: number;
  inSeries: number;
  /** Neighbours in the series, in order, this image among them. */
  seriesInstanceIds: number[];
  frames: number;
  modality: string | null;
  burnedIn: boolean;
  label: (LabelState & { said: string; labelledBy: string; labelledAt: string }) | null;
  /** `said` is the class, or the findings in words. */
  readings: (LabelState & { said: string; reader: string; readAt: string })[];
  history: {
    className: string;
    uncertain: boolean;
    labelledBy: string;
    labelledAt: string;
    endedAt: string;
  }[];
}

export const labelCalls = {
  /** The one changed last first. */
  'labels.sets': call(z.null()).returns<LabelSetDetails[]>(),
  'labels.createSet': call(
    z.object({
      name: className,
      unit: z.enum(labelUnits).default('image'),
      multiLabel: z.boolean().default(false),
      classes: z.array(classToSave).min(1).max(60),
    }),
  ).returns<LabelSetDetails>(),
  /** Classes that are missing from the list are deleted; refused while labels use them (`labels.mergeClass`). */
  'labels.updateSet': call(
    z.object({
      id,
      name: className,
      unit: z.enum(labelUnits),
      classes: z.array(classToSave).min(1).max(60),
    }),
  ).returns<LabelSetDetails>(),
  /** Gives every label of one class to another, and deletes the first. */
  'labels.mergeClass': call(z.object({ labelSetId: id, from: id, into: id })).returns<LabelSetDetails>(),
  'labels.queue': call(
    z.object({
      labelSetId: id,
      query: imageQuery.prefault({}),
      show: z.enum(queueFilters).default('all'),
      order: z.enum(queueOrders).default('series'),
      /** Of the random order. */
      seed: z.int().min(0).default(1),
    }),
  ).returns<LabelQueue>(),
  'labels.image': call(z.object({ labelSetId: id, instanceId: id })).returns<LabelledImage>(),
  /**
   * Labels images, or takes their labels away (`classId` null, and no findings). Returns what each was before, to be undone. Of a multi-label
   * set the findings count, by their ids, and not the class.
   */
  'labels.set': call(
    z.object({
      labelSetId: id,
      labels: z
        .array(
          z.object({
            instanceId: id,
            classId: id.nullable(),
            uncertain: z.boolean().default(false),
            findings: z
              .record(z.string().regex(/^\d+$/), z.union([z.literal(0), z.literal(1), z.null()]))
              .optional(),
          }),
        )
        .min(1)
        .max(100_000),
      /** Of a set by patient: exactly these images, as an undo needs it. */
      exactly: z.boolean().default(false),
    }),
  ).returns<{ before: ({ instanceId: number } & LabelState)[] }>(),
  /** Whose readings are stored. */
  'labels.reader': call(z.null()).returns<string>(),
  'labels.setReader': call(z.object({ name: z.string().trim().min(1).max(80) })).returns<string>(),
  /** Writes labels, readers and times as a CSV table that can be imported again. Returns the number of rows. */
  'labels.exportCsv': call(z.object({ labelSetId: id, path: z.string().min(1).max(4096) })).returns<number>(),
  /** What the file itself says of the patient; read now, kept nowhere. */
  'labels.patient': call(z.object({ instanceId: id })).returns<{ patientId: string | null }>(),
} satisfies CallTable;
