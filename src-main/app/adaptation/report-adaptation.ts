import type { AdaptationRecord } from '../../contract/adaptation.ts';
import { nameOfAdaptation } from '../../contract/adaptation-stages.ts';
import type { AdaptationCandidate, StoredJudgement } from '../../contract/adaptation-judgement.ts';
import type { ReportAdaptation, ReportCandidate, ReportJudgement } from '../../contract/report-adaptation.ts';
import type { ReportModel } from '../../contract/report.ts';
import type { Run } from '../../contract/run.ts';
import { originFacts } from '../../contract/model-origin.ts';
import { adaptationOfRun } from '../../store/adaptations.ts';
import { originOfRun } from '../../store/arrived-models.ts';
import type { ReadableProject } from '../../store/index.ts';
import { getJudgement } from '../../store/judgements.ts';
import { auditOf } from './audit.ts';
import { groupOf } from './group.ts';

/** What a report says of adaptation; nothing where no run of the comparison was adapted. */
export function adaptationOfReport(
  project: ReadableProject,
  runs: readonly Run[],
): Pick<ReportModel, 'adaptation'> {
  const records = runs.flatMap(({ id }) => adaptationOfRun(project.db, id) ?? []);
  if (records.length === 0) return {};
  const [{ sourceRunId, domains, runId: first }] = records;
  const origin = originOfRun(project.db, first);
  return {
    adaptation: {
      ...(origin ? { origin: originFacts(origin) } : {}),
      sourceRunId,
      domains,
      runs: records.map(({ runId, config, facts }) => ({
        runId,
        method: nameOfAdaptation(config),
        strength: config.strength,
        facts,
      })),
      ...judged(project, records[0]),
    },
  };
}

/** Judged together are all that were adapted from one run to one target, those of other comparisons too. */
function judged(
  project: ReadableProject,
  { runId, sourceRunId }: AdaptationRecord,
): Pick<ReportAdaptation, 'judgement' | 'audit'> {
  if (sourceRunId === null) return { judgement: null, audit: null };
  const group = groupOf(project.db, runId);
  const stored = getJudgement(project.db, group.key);
  const audit = auditOf(project, group);
  return {
    judgement: stored && reported(stored),
    audit: audit && { patients: audit.instanceIds.length, labelled: audit.labelled },
  };
}

function reported({ judgement, judgedAt, kept }: StoredJudgement): ReportJudgement {
  const { source, target, sentence, selectedBy, selected, candidates, sourceAway } = judgement;
  return {
    judgedAt,
    ...(sourceAway ? { sourceAway } : {}),
    source,
    target,
    sentence,
    selectedBy,
    selected,
    candidates: candidates.map(figures),
    kept,
  };
}

/** The map of images stays behind: a report names none. */
const figures = ({ view, ...candidate }: AdaptationCandidate): ReportCandidate => {
  const { runId, method, strength, heaps, audit, verdict } = candidate;
  const { distances, validators, sourceAccuracy } = view;
  return { runId, method, strength, heaps, audit, verdict, distances, validators, sourceAccuracy };
};
