import type { Estimate } from './evaluation.ts';

/** What can be asked of a run besides how often it is right. */
export const checkKinds = ['shortcuts', 'leakage', 'failures'] as const;
export type CheckKind = (typeof checkKinds)[number];

/** Balanced accuracy of a linear probe on frozen features, whole patients apart, beside what guessing comes to. */
export interface ProbeOutcome {
  /** 95 % by the bootstrap over patients. */
  balancedAccuracy: Estimate;
  /** One divided by the number of classes. */
  chance: number;
  /** Share of probes on labels exchanged between patients that did as well, this one among them; adjusted by Holm for all probes of the check. */
  pValue: number;
  images: number;
  patients: number;
}

/**
 * What a probe means: `clear`: no better than guessing; `encoded`: better, but the attribute says nothing of the label, so that nothing is to be gained by
 * it; `alarm`: better, and the attribute goes with the label. Of the border: `alarm` where it keeps half or more of what the whole image brings.
 */
export type ProbeVerdict = 'clear' | 'encoded' | 'alarm';

/** Whether the features tell an attribute that no diagnosis should hang on. */
export interface AttributeProbe extends ProbeOutcome {
  /** DICOM keyword, or `source` for the dataset. */
  attribute: string;
  values: { name: string; images: number; patients: number }[];
  /** How far the attribute goes with the label: Cramér's V, corrected for its bias (Bergsma 2013), over patients, with the share of random
   * dealings that go together as far. Of findings the largest of those that are sure, or of all where none is; p adjusted by Holm for all findings. */
  association: { cramersV: number; pValue: number; with: string | null };
  verdict: ProbeVerdict;
}

/** Whether what is asked for can be told from the margin of the image alone, its middle covered. */
export interface BorderProbe {
  /** Null where classes are told apart, else the finding. */
  finding: string | null;
  border: ProbeOutcome;
  /** The same probe on whole images. */
  whole: ProbeOutcome;
  verdict: ProbeVerdict;
}

export interface ShortcutReport {
  attributes: AttributeProbe[];
  border: BorderProbe[];
  /** Share of each side of the image that counts as border. */
  margin: number;
  /** Attributes that could not be asked about, each with the reason. */
  skipped: { attribute: string; reason: string }[];
  images: number;
  patients: number;
  verdict: ProbeVerdict;
  sentence: string;
}

/** One way to judge: right answers when a split is made by image and when it is made by patient. */
export interface LeakageRow {
  /** A linear probe, or the nearest neighbour. */
  judge: 'probe' | 'neighbour';
  byImage: Estimate;
  byPatient: Estimate;
  /** By image less by patient; paired, 95 % by the bootstrap over patients. */
  inflation: Estimate;
}

export interface LeakageReport {
  rows: LeakageRow[];
  images: number;
  patients: number;
  folds: number;
  /** Of the network whose features are judged. */
  model: string;
  /** The finding that was asked about; null where classes are told apart. */
  finding: string | null;
  /** Whether a split by image would look better than it is. */
  inflated: boolean;
  sentence: string;
}

/** What is wrong with an image, by its pixels as the network is shown them. */
export const qualityProblems = ['constant', 'low-contrast', 'clipped', 'noisy'] as const;
export type QualityProblem = (typeof qualityProblems)[number];

export interface FailedImage {
  instanceId: number;
  frameIndex: number;
  /** What was said, and what is true: names of classes; of findings "effusion" and "no effusion". */
  said: string;
  truth: string;
  /** Probability of what was said. */
  confidence: number;
  problems: QualityProblem[];
}

export interface FailureGroup {
  /** "glioma → normal", say. */
  title: string;
  /** The surest first, at most 48. */
  images: FailedImage[];
  /** Images that went wrong so, and images that could have: of the true class, or of those that lie there. */
  wrong: number;
  of: number;
}

/** Two images that are nearly the same. */
export interface NearDuplicate {
  first: { instanceId: number; frameIndex: number; set: string };
  second: { instanceId: number; frameIndex: number; set: string };
  /** `pixels`: exactly the same; `near`: the same picture, other pixels. */
  kind: 'pixels' | 'near';
  /** Bits of 63 that differ between their perceptual hashes, and the cosine between their features. */
  distance: number;
  cosine: number;
  samePatient: boolean;
  sameLabel: boolean;
}

export interface FailureReport {
  setName: string;
  /** Judged images, and wrong answers among them. */
  images: number;
  answers: number;
  wrong: number;
  byConfusion: FailureGroup[];
  /** Groups of images whose features lie together, those with the largest share of errors first. */
  byFeatures: FailureGroup[];
  /** Between different patients, or between what was learned from and what is judged. */
  nearDuplicates: NearDuplicate[];
  quality: (Omit<FailureGroup, 'title'> & { problem: QualityProblem })[];
  sentences: string[];
}

export type CheckReports = { shortcuts: ShortcutReport; leakage: LeakageReport; failures: FailureReport };

/** A check of a run as it was made. */
export interface StoredCheck<Kind extends CheckKind = CheckKind> {
  kind: Kind;
  runId: number;
  /** Null where it looks at no set. */
  setName: string | null;
  report: CheckReports[Kind];
  /** ISO 8601, UTC. */
  checkedAt: string;
}
