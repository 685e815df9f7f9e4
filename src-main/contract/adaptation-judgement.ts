/** How far two domains are apart in a network's features. Null where there are too few patients to say, or the source's images are in another project. */
export interface DomainDistances {
  /** 0: a linear classifier cannot tell the domains apart; 2: it is never wrong. */
  proxyA: number | null;
  /** MMD², around 0 where the domains are alike. */
  mmd: number | null;
  /** How often chance alone brings as large an MMD. */
  mmdP: number | null;
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
  /**
   * Proxy A-distance that is left when classes of the source are as frequent as the heaps say: where it is large, the look has changed so much that
   * heaps may be other than they seem. Null where there are too few patients.
   */
  unexplained: number | null;
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

/** One image on a map of both domains. */
export interface MapPoint {
  x: number;
  y: number;
  domain: 'source' | 'target';
  /** Index of the class: of the source what it shows, of the target what the model says. */
  class: number;
  instanceId: number;
}

/** How a model sees both domains, and what can be said of it. */
export interface DomainView {
  distances: DomainDistances;
  validators: LabelFreeValidators;
  /** Share of right answers on validation images of the source; null where they are in another project, and nothing came with the model. */
  sourceAccuracy: number | null;
  map: MapPoint[];
}

/** A model that stands for election: the one that was not adapted, or an adapted one. */
export interface AdaptationCandidate {
  runId: number;
  /** Null for the one that was not adapted. */
  method: string | null;
  strength: number | null;
  view: DomainView;
  heaps: HeapEvidence | null;
  audit: AuditResult | null;
  /** Null for the one that was not adapted. */
  verdict: AdaptationVerdict | null;
}

export interface DomainCounts {
  images: number;
  patients: number;
}

/** What came of comparing an unadapted model with those that were adapted from it to one target. */
export interface AdaptationJudgement {
  /** The run that was adapted. */
  sourceRunId: number;
  /** Whether the model came from another project, where the source's images stayed: nothing that needs them is said. */
  sourceAway?: boolean;
  classes: string[];
  /** Images that were looked at: validation images of the source, and target images. */
  source: DomainCounts;
  target: DomainCounts;
  differences: FigureDifference[];
  /** What differs, in a sentence or two. */
  sentence: string;
  prevalence: PrevalenceEstimates;
  /** The one that was not adapted first. */
  candidates: AdaptationCandidate[];
  /** What the choice goes by, and which run it names; `as-it-came`: nothing can choose, and a model of another project stays as it is. */
  selectedBy: SelectionValidator | 'audit' | 'as-it-came';
  selected: number;
}

/** Images of the target that are labelled to judge by, one for each patient; chosen once. */
export interface TargetAudit {
  id: number;
  sourceRunId: number;
  instanceIds: number[];
  /** How many of them have a label by now. */
  labelled: number;
  /** The difference of accuracies that so many would find with a power of 80 %; null where none. */
  detectable: number | null;
  createdAt: string;
}

export interface KeptModel {
  runId: number;
  by: 'rule' | 'person';
  keptAt: string;
}

/** A stored judgement, with what was decided. */
export interface StoredJudgement {
  id: number;
  judgement: AdaptationJudgement;
  judgedAt: string;
  kept: KeptModel;
}
