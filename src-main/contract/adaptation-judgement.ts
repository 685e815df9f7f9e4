/** How far two domains are apart in a network's features. Null where there are too few patients to say. */
export interface DomainDistances {
  /** 0: a linear classifier cannot tell the domains apart; 2: it is never wrong. */
  proxyA: number | null;
  /** MMD², around 0 where the domains are alike. */
  mmd: number;
  /** How often chance alone brings as large an MMD. */
  mmdP: number;
  /** Of covariances: 0 where features vary, and vary together, in one domain as in the other. */
  coral: number | null;
}

/** What can be said of a model on the target without its labels. */
export interface LabelFreeValidators {
  /** Mean entropy of the answers, in nats. Smaller is better. */
  entropy: number;
  /** Mutual information of images and answers, in nats. Larger is better. */
  infoMax: number;
  /** Soft neighbourhood density. Larger is better. */
  density: number;
  /** Error weighted towards images that look like the target's, plain and with a control variate. Smaller is better; null without a source to weigh. */
  weightedRisk: number | null;
  embeddedRisk: number | null;
  /** How many images of the source the weighted ones are worth. */
  effectiveImages: number | null;
  /** Accuracy on the target by where the classes' heaps lie; larger is better. Null where the heaps cannot be told apart. */
  heapAccuracy: number | null;
}

/** Validators that a method and its strength can be chosen by. */
export const selectionValidators = [
  'heap-accuracy',
  'info-max',
  'entropy',
  'density',
  'weighted-risk',
  'embedded-risk',
] as const;
export type SelectionValidator = (typeof selectionValidators)[number];

/** One figure of images, such as their noise, in both domains. */
export interface FigureDifference {
  figure: 'brightness' | 'contrast' | 'noise' | 'smoothness';
  /** Means over patients. */
  source: number;
  target: number;
  /** Hedges' g: the difference in deviations of patients, target less source, with its interval. */
  effect: number;
  low: number;
  high: number;
  /** Whether it is large enough to be named, and sure. */
  named: boolean;
}

/** Estimates of how frequent classes are in the target, in class order. */
export interface PrevalenceEstimates {
  /** Of the images that the model learned from. */
  source: number[];
  /** Black-box shift estimation, and expectation maximisation; they take for granted that classes look as they did. Null where they cannot be told. */
  blackBox: number[] | null;
  maximised: number[] | null;
  /** Where the look may have changed too, with intervals over patients. */
  shifted: { estimate: number[]; low: number[]; high: number[] } | null;
}

/** Accuracy of both models on labelled patients of the target. */
export interface AuditResult {
  /** One image of each. */
  patients: number;
  before: number;
  after: number;
  /** After less before, with its 95 % interval (Wald with Bonett and Price's adjustment). */
  difference: number;
  low: number;
  high: number;
  /** Patients that only one of both got right. */
  onlyBefore: number;
  onlyAfter: number;
  /** McNemar's mid-p, two-sided. */
  p: number;
}

/** The same without labels, by memberships that the unadapted model's answers fall into. */
export interface HeapEvidence {
  patients: number;
  before: number;
  after: number;
  /** After less before, with its 90 % interval over patients: one in twenty is above by chance. */
  difference: number;
  low: number;
  high: number;
  /** Mean largest membership: how clearly images belong to one heap. */
  certainty: number;
}

export interface AdaptationVerdict {
  /** Whether the unadapted model is to be kept. */
  alarm: boolean;
  state: 'worse' | 'better' | 'no-difference' | 'unknown';
  /** What decided. */
  by: 'audit' | 'answers' | null;
  /** What was found, for people. */
  reason: string;
  /** What probably lies behind it. */
  causes: string[];
  /** What to do next. */
  advice: string;
}
