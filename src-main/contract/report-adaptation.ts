import type { AdaptationCandidate, AdaptationJudgement, KeptModel } from './adaptation-judgement.ts';
import type { AdaptationDomains, AdaptationFacts } from './adaptation.ts';
import type { AdaptationName } from './adaptation-stages.ts';
import type { OriginFacts } from './model-origin.ts';

/** One adapted model of the comparison: how it was made, and of how many images. */
export interface ReportAdaptedRun {
  runId: number;
  method: AdaptationName;
  /** Null: the method's own. */
  strength: number | null;
  facts: AdaptationFacts;
}

/** A model that was judged without labels of the target, or by those of an audit; the one that was not adapted has neither method nor verdict. */
export interface ReportCandidate extends Pick<
  AdaptationCandidate,
  'runId' | 'method' | 'strength' | 'heaps' | 'audit' | 'verdict'
> {
  distances: AdaptationCandidate['view']['distances'];
  validators: AdaptationCandidate['view']['validators'];
  sourceAccuracy: AdaptationCandidate['view']['sourceAccuracy'];
}

/** How the adapted models were judged, no image of it. */
export interface ReportJudgement extends Pick<
  AdaptationJudgement,
  'sourceAway' | 'source' | 'target' | 'sentence' | 'selectedBy' | 'selected'
> {
  judgedAt: string;
  candidates: ReportCandidate[];
  kept: KeptModel;
}

/** From where a comparison's models were adapted, to what, and what came of it. */
export interface ReportAdaptation {
  /** Where the model was trained in another project; absent where it was trained in this one. */
  origin?: OriginFacts;
  /** The run that was adapted; null when it was deleted since. */
  sourceRunId: number | null;
  domains: AdaptationDomains;
  runs: ReportAdaptedRun[];
  /** Null where nobody has judged them. */
  judgement: ReportJudgement | null;
  /** Patients of the target that were chosen to be labelled, one image of each; null where none were. */
  audit: { patients: number; labelled: number } | null;
}
