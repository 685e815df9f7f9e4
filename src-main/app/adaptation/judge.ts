import { adaptationVerdict, prevalenceCauses, selectCandidate } from '../../adaptation/index.ts';
import { prepareDomains } from '../../cohort/domains.ts';
import { adaptationMethodFacts } from '../../contract/adaptation.ts';
import { nameOfAdaptation } from '../../contract/adaptation-stages.ts';
import type {
  AdaptationCandidate,
  AdaptationJudgement,
  SelectionValidator,
  StoredJudgement,
} from '../../contract/adaptation-judgement.ts';
import type { Sample } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { JudgeResult, JudgeTask } from '../../jobs/judge-worker.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import { modelFolder } from '../../jobs/train-run.ts';
import { originOfRun } from '../../store/arrived-models.ts';
import { getAudit } from '../../store/target-audits.ts';
import { keepModel, listJudgements, saveJudgement } from '../../store/judgements.ts';
import { openProjectForReading } from '../../store/index.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { auditLabels, splitOf } from './audit.ts';
import { auditResult } from './audit-result.ts';
import { type AdaptedGroup, groupOf } from './group.ts';

export interface JudgeOptions {
  /** An adapted run, or the one that others were adapted from; default the group of the newest adapted run. */
  runId?: number;
  /** What chooses where no audit does; default `heap-accuracy`, and InfoMax where heaps overlap. */
  selectBy?: SelectionValidator;
}

/** Images of each kind at the most: all pairs of them are looked at. */
const MOST = 600;
/** So few labelled images of the source say nothing. */
const LEAST = 8;

/**
 * Whether adapting helped, and which model is to be kept: the unadapted model and all that were adapted from it to the same target, on the same images. Kept is
 * the best by the audit's labels, else by a validator, of those for which the alarm did not ring; a person may decide otherwise. The locked test
 * set and evaluation sets stay closed: their labels are not read.
 *
 * @throws GraftError `adaptation-missing`, `judgement-findings`, `judgement-images`, `cancelled`, and what preparing throws
 */
export async function judgeAdaptation(
  session: Session,
  options: JudgeOptions = {},
  reporting: Reporting = {},
): Promise<StoredJudgement> {
  const { project, jobs } = session;
  const group = groupOf(project.db, options.runId);
  const split = splitOf(project, group);
  if (split.multiLabel) {
    throw new GraftError(
      'judgement-findings',
      'Expected images of one class each to judge an adaptation by, found a set of findings. Compare both models on labelled images of the target: graft evaluate.',
    );
  }
  const { source, adapted, domains, key } = group;
  const origin = originOfRun(project.db, source.id);
  if (origin) requireWithoutSource(options.selectBy);
  const judgement = await jobs.run(
    {
      kind: 'evaluate',
      title: `Judging ${adapted.length} adapted ${adapted.length === 1 ? 'model' : 'models'}`,
      ...reporting,
    },
    async (handle) => {
      const prepared = await prepareDomains(
        project,
        {
          splitId: split.id,
          domains: { ...domains, share: 1 },
          preprocessing: source.preprocessing,
          sourceAway: origin !== null,
        },
        handle,
      );
      const { dataset, target } = prepared;
      requireEnough(dataset.validation.length, target.length, origin !== null);
      const audit = auditSamples(session, group, target);
      const runs = [source, ...adapted.map(({ run }) => run)];
      const task: JudgeTask = {
        config: source.config,
        classes: dataset.classes,
        images: dataset,
        models: runs.map(({ id }) => ({ runId: id, modelFolder: modelFolder(project, id) })),
        learned: thinned(dataset.train),
        source: thinned(dataset.validation),
        target: thinned(target),
        audit: audit.map(({ sample }) => sample),
        origin,
      };
      const result = await runInWorker<JudgeTask, never, JudgeResult>(
        new URL('../../jobs/judge-worker.ts', import.meta.url),
        task,
        { what: 'The judging of adapted models', ...handle },
      );
      return judgementOf(
        group,
        task,
        result,
        audit.map(({ label }) => label),
        options.selectBy,
      );
    },
  );
  return saveJudgement(project.db, key, judgement);
}

function requireEnough(validation: number, target: number, sourceAway: boolean): void {
  if (target >= LEAST && (sourceAway || validation >= LEAST)) return;
  throw new GraftError(
    'judgement-images',
    sourceAway
      ? `Expected at least ${LEAST} images of the target to judge by, found ${target}. Choose a wider target.`
      : `Expected at least ${LEAST} validation images of the source and ${LEAST} images of the target to judge by, found ${validation} and ${target}. Choose wider domains, or a split with more validation patients.`,
  );
}

/** What can choose where nothing of the source is here. */
const WITHOUT_SOURCE: readonly SelectionValidator[] = ['info-max', 'entropy', 'density'];

function requireWithoutSource(by: SelectionValidator | undefined): void {
  if (by === undefined || WITHOUT_SOURCE.includes(by)) return;
  throw new GraftError(
    'judgement-validator',
    `Expected a validator that needs the target alone (${WITHOUT_SOURCE.join(', ')}), as the images that the model learned from stayed in another project; found ${by}. Choose one of them, or label an audit.`,
  );
}

/** Images at equal steps: their order says nothing. */
const thinned = (samples: readonly Sample[]): Sample[] =>
  samples.length <= MOST
    ? [...samples]
    : Array.from({ length: MOST }, (_, at) => samples[Math.floor((at * samples.length) / MOST)]);

function auditSamples(
  { project }: Session,
  group: AdaptedGroup,
  target: readonly Sample[],
): { sample: Sample; label: number }[] {
  const chosen = getAudit(project.db, group.key)?.instanceIds ?? [];
  const labels = auditLabels(project, splitOf(project, group), chosen);
  return oneOfEach(target, labels);
}

/**
 * Of each labelled image one sample, of several frames the middle one: an audit counts patients, and frames of one are no further ones.
 *
 * @param labels class of each image, by its number
 */
export function oneOfEach(
  target: readonly Sample[],
  labels: ReadonlyMap<number, number>,
): { sample: Sample; label: number }[] {
  return [...Map.groupBy(target, ({ instanceId }) => instanceId)].flatMap(([instanceId, frames]) => {
    const label = labels.get(instanceId);
    return label === undefined ? [] : [{ sample: frames[frames.length >> 1], label }];
  });
}

function judgementOf(
  { source, adapted }: AdaptedGroup,
  { classes, source: here, target, origin }: JudgeTask,
  { audited, candidates: judged, ...about }: JudgeResult,
  truth: readonly number[],
  selectBy: SelectionValidator | undefined,
): AdaptationJudgement {
  const causes = prevalenceCauses(about.prevalence, classes);
  const before = judged[0].view.sourceAccuracy;
  const candidates = judged.map((one, at): AdaptationCandidate => {
    const record = at === 0 ? null : adapted[at - 1].record;
    const audit = record === null || truth.length === 0 ? null : auditResult(truth, audited[0], audited[at]);
    // AdaBN and matched images are made for the target alone: on the source they may well be worse.
    const features = record !== null && adaptationMethodFacts[record.config.method].level === 'features';
    const after = one.view.sourceAccuracy;
    const lost =
      features && before !== null && after !== null && before - after > 0.1
        ? [
            `On the source itself ${Math.round(100 * (before - after))} points are lost: what both domains share no longer tells the classes apart.`,
          ]
        : [];
    return {
      ...one,
      method: record && nameOfAdaptation(record.config),
      strength: record?.config.strength ?? null,
      audit,
      verdict:
        record === null ? null : adaptationVerdict(audit, one.heaps, [...causes, ...lost], origin !== null),
    };
  });
  return {
    ...about,
    sourceRunId: source.id,
    ...(origin ? { sourceAway: true } : {}),
    classes: [...classes],
    source: origin
      ? { images: origin.validation?.images ?? 0, patients: origin.validation?.patients ?? 0 }
      : countsOf(here),
    target: countsOf(target),
    candidates,
    ...selected(candidates, selectBy, origin !== null),
  };
}

const countsOf = (samples: readonly Sample[]): { images: number; patients: number } => ({
  images: samples.length,
  patients: new Set(samples.map(({ patientKey }) => patientKey)).size,
});

/**
 * By labels where there are enough to have told a difference; else by the validator; the unadapted model where nothing speaks for another. Where the
 * source's images are away a validator chooses only if a person wants it: SHOT learns to raise what InfoMax measures.
 */
function selected(
  candidates: readonly AdaptationCandidate[],
  selectBy: SelectionValidator | undefined,
  sourceAway: boolean,
): Pick<AdaptationJudgement, 'selected' | 'selectedBy'> {
  const better = candidates.filter(({ verdict }) => verdict?.by === 'audit' && verdict.state === 'better');
  if (better.length > 0 && selectBy === undefined) {
    const best = better.reduce((a, b) => (b.audit!.after > a.audit!.after ? b : a));
    return { selected: best.runId, selectedBy: 'audit' };
  }
  if (sourceAway && selectBy === undefined)
    return { selected: candidates[0].runId, selectedBy: 'as-it-came' };
  const heaps = candidates.every(({ view }) => view.validators.heapAccuracy !== null);
  const by = selectBy ?? (heaps ? 'heap-accuracy' : 'info-max');
  const at = selectCandidate(
    candidates.map(({ view, verdict }) => ({
      validators: view.validators,
      alarm: verdict?.alarm ?? false,
    })),
    by,
  );
  return { selected: candidates[Math.max(0, at)].runId, selectedBy: by };
}

/** All judgements of a project, the newest first. */
export function judgementsOf(folder: string): StoredJudgement[] {
  const project = openProjectForReading(folder);
  try {
    return listJudgements(project.db);
  } finally {
    project.close();
  }
}

/**
 * Decides by hand which model is kept.
 *
 * @throws GraftError `judgement-missing`
 */
export function keepRun({ project }: Session, runId: number): StoredJudgement {
  const found = listJudgements(project.db).find(({ judgement }) =>
    judgement.candidates.some((one) => one.runId === runId),
  );
  if (!found) {
    throw new GraftError(
      'judgement-missing',
      `Expected run ${runId} among models that were judged, found no such judgement. Judge them first: graft adapt judge.`,
    );
  }
  keepModel(project.db, found.id, runId);
  return listJudgements(project.db).find(({ id }) => id === found.id)!;
}
