import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import {
  filterKeywords,
  instanceFilter,
  type InstanceAttributes,
  type LabelReport,
  type Source,
} from '../instances.ts';
import type { Job } from '../job.ts';

const path = z.string().min(1).max(4096);

/** Which images are shown. Everything given must hold. */
export const imageQuery = z.object({
  filter: instanceFilter.default({}),
  /** Looked for in series description, protocol, body part, manufacturer, model, file path and pseudonym. */
  text: z.string().max(200).default(''),
  label: z.enum(['any', 'labelled', 'unlabelled']).default('any'),
  /** Only images that carry one of these classes of the current label set. */
  classes: z.array(z.string()).max(100).default([]),
});
export type ImageQuery = z.output<typeof imageQuery>;
export type ImageQueryInput = z.input<typeof imageQuery>;

/** What the table's topmost rows stand for. */
export const groupings = ['patient', 'source', ...filterKeywords] as const;
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
  /** The one value of an attribute that all its images share; `several`, or null where none states it. */
  values: Partial<Record<(typeof shownKeywords)[number], string | null>>;
}

/** Attributes that the table has columns for. */
export const shownKeywords = [
  'source',
  'Modality',
  'Manufacturer',
  'ManufacturerModelName',
  'InstitutionName',
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'BodyPartExamined',
  'ViewPosition',
  'PatientSex',
  'StudyYear',
  'Rows',
] as const;

export interface BrowsePage {
  /** Rows there are, of which `rows` is a window. */
  total: number;
  images: number;
  patients: number;
  rows: BrowseRow[];
}

/** How the images under a query are distributed over one attribute. */
export interface Distribution {
  keyword: Exclude<Grouping, 'patient'>;
  /** The most frequent first; null: not stated. */
  values: { value: string | number | null; images: number }[];
  /** Values left out after those. */
  others: number;
}

export interface Overview {
  images: number;
  patients: number;
  labelled: number;
  distributions: Distribution[];
  /** Images by class; null: unlabelled. */
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
  files: { source: string; path: string; message: string }[];
}

export interface DuplicateGroup {
  images: {
    instanceId: number;
    frameIndex: number;
    pseudonym: string;
    source: string;
    label: string | null;
  }[];
  patients: number;
  /** Whether its images carry different labels. */
  conflicting: boolean;
}

export interface ProblemList {
  refused: RefusalGroup[];
  undecodable: {
    instanceId: number;
    frameIndex: number;
    source: string;
    path: string;
    code: string;
    message: string;
  }[];
  duplicates: DuplicateGroup[];
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
  'data.importLabels': call(z.object({ path, source: z.string().optional() })).returns<LabelReport>(),
  /** Takes a source out of the project; its files stay where they are. */
  'data.removeSource': call(z.object({ id: z.int() })).returns<null>(),
  'data.browse': call(
    z.object({
      query: imageQuery.prefault({}),
      groupBy: z.enum(groupings).default('patient'),
      sort: z.enum(['name', 'images', 'labelled']).default('name'),
      descending: z.boolean().default(false),
      expanded: z.array(z.string().max(500)).max(5_000).default([]),
      offset: z.int().min(0).default(0),
      limit: z.int().min(0).max(500).default(100),
    }),
  ).returns<BrowsePage>(),
  'data.overview': call(z.object({ query: imageQuery.prefault({}) })).returns<Overview>(),
  'data.image': call(z.object({ instanceId: z.int() })).returns<ImageDetails>(),
  'data.problems': call(z.null()).returns<ProblemList>(),
  /** Writes the problems as a CSV table. */
  'data.exportProblems': call(z.object({ path })).returns<null>(),
  /** Decodes and compares what was not compared yet. */
  'data.findDuplicates': call(z.null()).returns<Job>(),
} satisfies CallTable;
