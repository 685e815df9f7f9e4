import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import {
  filterKeywords,
  filterValues,
  type InstanceAttributes,
  type LabelReport,
  type Source,
} from '../instances.ts';
import type { Job } from '../job.ts';

const path = z.string().min(1).max(4096);

/**
 * What Graft makes of attributes, for browsing alone: `AgeGroup` (ten years, "60–69"), `PixelSize` (millimetres between
 * rows, two digits), `MatrixSize` ("512 × 512"), `SplitRole` (place in the newest split), `Problem` (what is odd about an
 * image, one of `imageProblems`).
 */
export const derivedKeywords = ['AgeGroup', 'PixelSize', 'MatrixSize', 'SplitRole', 'Problem'] as const;
export type DerivedKeyword = (typeof derivedKeywords)[number];

/** Everything that images are filtered, grouped and sorted by, and that the table has columns for. */
export const browseKeywords = ['source', ...filterKeywords, ...derivedKeywords] as const;
export type BrowseKeyword = (typeof browseKeywords)[number];

/** What can be odd about an image that was indexed; of several, the first counts. */
export const imageProblems = ['not-decodable', 'duplicate-uid', 'same-pixels', 'no-patient-id'] as const;

/** Each named attribute must have the value, or one of the values; an empty text stands for "not stated". */
export const imageFilter = z.partialRecord(z.enum(browseKeywords), filterValues);
export type ImageFilter = z.output<typeof imageFilter>;

/** Which images are shown. Everything given must hold. */
export const imageQuery = z.object({
  filter: imageFilter.default({}),
  /** Looked for in series description, protocol, body part, manufacturer, model, file path and pseudonym. */
  text: z.string().max(200).default(''),
  label: z.enum(['any', 'labelled', 'unlabelled']).default('any'),
  /** Only images that carry one of these classes of the current label set. */
  classes: z.array(z.string()).max(100).default([]),
});
export type ImageQuery = z.output<typeof imageQuery>;
export type ImageQueryInput = z.input<typeof imageQuery>;

/** What the table's topmost rows stand for. */
export const groupings = ['patient', ...browseKeywords] as const;
export type Grouping = (typeof groupings)[number];

/** What an imported folder holds now. */
export interface SourceSummary extends Source {
  images: number;
  patients: number;
  refused: number;
  /** Labels and predictions that would be lost with it. */
  labels: number;
  /** Whether its images take part in a stored split: such a source is not removed. */
  inSplits: boolean;
}

/** One row of the table: a group, a patient, a study, a series or an image. */
export interface BrowseRow {
  /** Names the row among all; given back in `expanded`. */
  key: string;
  kind: 'group' | 'patient' | 'study' | 'series' | 'image';
  depth: number;
  title: string;
  expanded: boolean;
  images: number;
  patients: number;
  labelled: number;
  /** "nodule", or "nodule 3, normal 2" */
  labels: string;
  /** Of an image, or of the middle one of what the row holds. */
  instanceId: number;
  frames: number;
  /** Of the columns asked for: the value that all its images share, `several`, or null where none states it. */
  values: Partial<Record<BrowseKeyword, string | null>>;
}

export interface BrowsePage {
  /** Rows there are, of which `rows` is a window. */
  total: number;
  images: number;
  patients: number;
  rows: BrowseRow[];
}

/** One value of an attribute, null where it is not stated. */
export interface ValueCount {
  value: string | number | null;
  images: number;
}

/**
 * How images are distributed over one attribute: those under the query without what it asks of this attribute, so that
 * a second value can be chosen beside the first.
 */
export interface Distribution {
  keyword: BrowseKeyword;
  /** The most frequent ones; numbers and groups of ages in their own order. `parts`: images by `Overview.parts`. */
  values: (ValueCount & { parts: number[] })[];
  /** Values left out after those. */
  others: number;
}

export interface Overview {
  images: number;
  patients: number;
  labelled: number;
  distributions: Distribution[];
  /** What bars are divided into: up to four classes, then all others (`other`), then unlabelled images (`none`). */
  parts: ({ kind: 'class'; name: string } | { kind: 'other' | 'none' })[];
  /** Images by class under the query without the classes it asks for, of findings by each; null: unlabelled. */
  classes: { name: string | null; images: number; patients: number }[];
}

/** Everything about one image. */
export interface ImageDetails {
  instanceId: number;
  /** A stand-in for the patient, the same in the whole project. */
  pseudonym: string;
  source: string;
  path: string;
  bytes: number;
  attributes: InstanceAttributes;
  label: { className: string; labelledBy: string; labelledAt: string } | null;
  problems: string[];
  /** Other images with exactly these pixels, as far as pixels were compared. */
  samePixels: { instanceId: number; pseudonym: string; label: string | null }[];
}

export interface RefusalGroup {
  /** `not-dicom`, say. */
  reason: string;
  /** What it means, in a sentence. */
  explanation: string;
  count: number;
  /** The first of them. */
  files: { source: string; path: string; message: string }[];
}

export interface DuplicateGroup {
  images: {
    instanceId: number;
    frameIndex: number;
    pseudonym: string;
    source: string;
    path: string;
    label: string | null;
  }[];
  patients: number;
  /** Whether its images carry different labels. */
  conflicting: boolean;
}

/** An image whose header was read and whose pixels were not. */
export interface UndecodableImage {
  instanceId: number;
  frameIndex: number;
  source: string;
  path: string;
  code: string;
  message: string;
}

export interface ProblemList {
  refused: RefusalGroup[];
  undecodable: { count: number; images: UndecodableImage[] };
  /** Labels that disagree come first, then copies under several patients. */
  duplicates: { count: number; groups: DuplicateGroup[] };
  /** Files that carry a SOP Instance UID seen before, and images without a PatientID. */
  duplicateUids: number;
  unidentified: number;
  /** Images whose pixels were not compared yet. */
  notCompared: number;
}

export const dataCalls = {
  'data.sources': call(z.null()).returns<SourceSummary[]>(),
  /** Indexes a folder tree, or brings one that is known up to date. The job's result is an `ImportedFolder`. */
  'data.import': call(
    z.object({
      folder: path,
      name: z.string().trim().max(80).optional(),
      labels: path.optional(),
      labelsFromFolders: z.boolean().default(false),
    }),
  ).returns<Job>(),
  /** Labels images that are in the project already. */
  'data.importLabels': call(z.object({ path, source: z.string().optional() })).returns<LabelReport>(),
  /** Takes a source out of the project; its files stay where they are. */
  'data.removeSource': call(z.object({ id: z.int() })).returns<null>(),
  'data.browse': call(
    z.object({
      query: imageQuery.prefault({}),
      groupBy: z.enum(groupings).default('patient'),
      /** By an attribute: of the topmost rows, where what they share; what shares none comes last. */
      sort: z.enum(['name', 'images', 'labelled', ...browseKeywords]).default('name'),
      descending: z.boolean().default(false),
      columns: z.array(z.enum(browseKeywords)).max(browseKeywords.length).default([]),
      expanded: z.array(z.string().max(500)).max(5_000).default([]),
      offset: z.int().min(0).default(0),
      limit: z.int().min(0).max(500).default(100),
    }),
  ).returns<BrowsePage>(),
  'data.overview': call(z.object({ query: imageQuery.prefault({}) })).returns<Overview>(),
  /** The values of one attribute that contain a text, under the query without what it asks of this attribute. */
  'data.values': call(
    z.object({
      query: imageQuery.prefault({}),
      keyword: z.enum(browseKeywords),
      text: z.string().max(200).default(''),
      limit: z.int().min(1).max(500).default(200),
    }),
  ).returns<{ values: ValueCount[]; total: number }>(),
  'data.image': call(z.object({ instanceId: z.int() })).returns<ImageDetails>(),
  /** What is wrong or odd, the first of each kind; with a text, what it occurs in: path, source, message, patient. */
  'data.problems': call(z.object({ text: z.string().max(200).default('') })).returns<ProblemList>(),
  /** Writes the problems as a CSV table. */
  'data.exportProblems': call(z.object({ path })).returns<null>(),
  /** Decodes and compares what was not compared yet. */
  'data.findDuplicates': call(z.null()).returns<Job>(),
} satisfies CallTable;
