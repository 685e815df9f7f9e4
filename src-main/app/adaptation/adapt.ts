import { cpSync } from 'node:fs';
import { prepareDomains, type PreparedDomains } from '../../cohort/index.ts';
import { adaptedConfig, checkAdaptation, normalizationLayers } from '../../adaptation/index.ts';
import {
  type AdaptationConfig,
  type AdaptationDomains,
  type AdaptationDomainsInput,
  adaptationDomainsSchema,
  type AdaptationFacts,
  adaptationSchema,
  type AdaptationSettings,
} from '../../contract/adaptation.ts';
import {
  type AdaptationName,
  adaptationTitle,
  nameOfAdaptation,
  stagesOf,
} from '../../contract/adaptation-stages.ts';
import { GraftError } from '../../contract/errors.ts';
import type { AdaptedApproach, Comparison, Run } from '../../contract/run.ts';
import type { JobHandle } from '../../jobs/job-runner.ts';
import { adaptRun } from '../../jobs/adapt-run.ts';
import { modelFolder } from '../../jobs/train-run.ts';
import { type Network, readModelNetwork } from '../../models/index.ts';
import { addAdaptation, adaptationOfRun } from '../../store/adaptations.ts';
import { addRunOfArrived, originOfRun } from '../../store/arrived-models.ts';
import { getSplit, transaction } from '../../store/index.ts';
import {
  createComparison,
  finishRun,
  getComparison,
  listRunsOfComparison,
  renameComparison,
} from '../../store/runs.ts';
import { runEnvironment } from '../environment.ts';
import type { Reporting, TrainReporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { requireRun } from '../train-model.ts';
import { bringModel, splitOfArrived } from '../travelling/bring-model.ts';
import { adaptationCandidates, firstCandidate } from './candidates.ts';

export interface AdaptOptions {
  /** The run to adapt. Default: the newest that was trained, not adapted. With `modelPath`: the run of a capsule. */
  runId?: number;
  /** A model of another project, in place of a run of this one: a folder that `exportModel` wrote as `graft`, or a study capsule. */
  modelPath?: string;
  domains: AdaptationDomainsInput;
  /** Tried one after the other, in this order. */
  methods: readonly AdaptationName[];
  /** Of all methods. */
  settings?: Omit<AdaptationSettings, 'method' | 'before'>;
  /** Told once it is known, before anything long begins but decoding. */
  onStart?: (started: AdaptStart) => void;
}

export interface AdaptStart {
  source: Run;
  comparison: Comparison;
  runs: Run[];
  facts: AdaptationFacts;
  /** What a person should know before it begins. */
  warnings: string[];
  /** Methods that cannot adapt this run, and why. */
  refused: { method: AdaptationName; reason: string }[];
}

export interface AdaptReport {
  comparison: Comparison;
  /** The model as it was, and each adapted one. */
  runs: Run[];
  facts: AdaptationFacts;
}

/**
 * Adapts a finished run to a target whose labels nobody looks at. What comes of it is a comparison of its own, on the same split: the model as
 * it was (a copy), and for each method or combination a run that is evaluated, reported and exported like any other. A method that cannot adapt this run is
 * left out where several are asked for. Of a model that came from another project only the model is here: methods that need no more adapt it.
 *
 * @throws GraftError `run-missing`, `run-not-adaptable`, `settings-wrong`, `adaptation-combination`, `target-empty`, `source-empty`, what
 * `checkAdaptation` and `bringModel` throw,
 * `cancelled`, `worker-died`: what is finished by then is kept, and the rest can be resumed
 */
export async function adapt(
  session: Session,
  options: AdaptOptions,
  reporting: TrainReporting = {},
): Promise<AdaptReport> {
  const { project } = session;
  const domains = parse(adaptationDomainsSchema, options.domains);
  const asked = options.methods.map((name) =>
    parse(adaptationSchema, { ...options.settings, ...stagesOf(name) }),
  );
  const { modelPath } = options;
  const source =
    modelPath === undefined
      ? sourceRun(session, options.runId)
      : await bringModel(session, modelPath, options.runId);
  const origin = originOfRun(project.db, source.id);
  const configs = asked.map((one) => goingOn(one, source));
  if (origin) requireNoSource(domains);
  const split = origin
    ? splitOfArrived(project, source, origin)
    : getSplit(project.db, getComparison(project.db, source.comparisonId)!.splitId)!;
  const prepared = await prepare(session, source, split.id, domains, origin !== null, reporting);
  const { wanted, refused } = possible(configs, source, prepared, {
    sourceAway: origin !== null,
    network: readModelNetwork(modelFolder(project, source.id)),
  });
  const { comparison, runs } = transaction(project.db, () => {
    const environment = runEnvironment();
    const common = { preprocessing: source.preprocessing, environment };
    const created = createComparison(project.db, split.id, [
      { ...common, approach: 'fine-tuned', config: source.config, startingWeights: source.startingWeights },
      ...wanted.map((adaptation) => ({
        ...common,
        approach: `adapted-${nameOfAdaptation(adaptation)}` as AdaptedApproach,
        config: adaptedConfig(source.config, adaptation),
        startingWeights: source.startingWeights,
      })),
    ]);
    const [copy, ...adapted] = created.runs;
    finishRun(project.db, copy.id, source.result);
    if (origin) for (const { id } of created.runs) addRunOfArrived(project.db, id, origin.weights);
    const target = Object.values(domains.target).flat().join(', ');
    renameComparison(project.db, created.comparison.id, `Run ${source.id}, adapted to ${target}`);
    adapted.forEach(({ id }, at) =>
      addAdaptation(project.db, {
        runId: id,
        sourceRunId: source.id,
        config: wanted[at],
        domains,
        facts: prepared.facts,
      }),
    );
    return created;
  });
  const [copy] = runs;
  cpSync(modelFolder(project, source.id), modelFolder(project, copy.id), { recursive: true });
  const { facts } = prepared;
  options.onStart?.({ source, comparison, runs, facts, warnings: warningsOf(facts, prepared), refused });
  await adaptAll(session, runs, prepared, false, reporting);
  return { comparison, runs: listRunsOfComparison(project.db, comparison.id), facts };
}

/**
 * Goes on with all unfinished runs of a comparison of adapted models, each from its last checkpoint.
 *
 * @throws GraftError `run-missing`, `run-finished`, and what `adapt` throws
 */
export async function resumeAdaptation(
  session: Session,
  runId: number,
  reporting: TrainReporting = {},
): Promise<AdaptReport> {
  const { db } = session.project;
  const comparison = getComparison(db, requireRun(session, runId).comparisonId)!;
  const runs = listRunsOfComparison(db, comparison.id);
  const unfinished = runs.filter(({ state }) => state !== 'done');
  const record = runs.map(({ id }) => adaptationOfRun(db, id)).find((found) => found !== null);
  if (!record || unfinished.length === 0) {
    throw new GraftError(
      'run-finished',
      `Expected an unfinished adaptation to resume; run ${runId} and those beside it are done or were not adapted.`,
    );
  }
  const away = originOfRun(db, runs[0].id) !== null;
  const prepared = await prepare(session, runs[0], comparison.splitId, record.domains, away, reporting);
  await adaptAll(session, unfinished, prepared, true, reporting);
  return { comparison, runs: listRunsOfComparison(db, comparison.id), facts: prepared.facts };
}

function sourceRun(session: Session, runId: number | undefined): Run {
  const candidates = adaptationCandidates(session.project);
  const found =
    runId === undefined ? firstCandidate(session.project) : candidates.find(({ id }) => id === runId);
  if (found) return found;
  const asked = runId === undefined ? undefined : requireRun(session, runId);
  const known = candidates.map(({ id }) => id);
  throw new GraftError(
    'run-not-adaptable',
    `Expected a finished, fine-tuned or adapted run of one model to adapt, found ${asked ? `run ${asked.id} (${asked.approach}, ${asked.state}${asked.config.folds === null ? '' : ', an ensemble, whose members would each learn other features from the target'})` : 'none'}; ${known.length === 0 ? 'train one first' : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`}.`,
  );
}

/**
 * An adapted run has nothing but its finished weights to go on from: its recipe would begin before it was adapted.
 *
 * @throws GraftError `start-from-model`
 */
function goingOn(adaptation: AdaptationConfig, { id, approach }: Run): AdaptationConfig {
  if (approach === 'fine-tuned' || adaptation.start === 'model') return adaptation;
  if (adaptation.start === 'auto') return { ...adaptation, start: 'model' };
  throw new GraftError(
    'start-from-model',
    `Expected run ${id}, which was adapted before, to go on from its finished weights; found a start from the recipe, which would undo that. Leave it out, or adapt the run that it came from.`,
  );
}

/** @throws GraftError `source-away` */
function requireNoSource({ source }: Pick<AdaptationDomains, 'source'>): void {
  if (Object.keys(source).length === 0) return;
  throw new GraftError(
    'source-away',
    'Expected no source for a model from another project, as the images that it learned from stayed there; found one. Leave the source out.',
  );
}

function prepare(
  { project, jobs }: Session,
  { preprocessing, config: { seed } }: Run,
  splitId: number,
  domains: AdaptationDomainsInput,
  sourceAway: boolean,
  { signal, onProgress }: Reporting,
): Promise<PreparedDomains> {
  const title = sourceAway ? 'Preparing the images of the target' : 'Preparing the images of both domains';
  const reporting = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  return jobs.run({ kind: 'prepare', title, ...reporting }, (handle) =>
    prepareDomains(project, { splitId, domains, preprocessing, seed, sourceAway }, handle),
  );
}

/** What can adapt this run. Where one method is asked for, why it cannot is the answer. */
function possible(
  configs: readonly AdaptationConfig[],
  { config }: Run,
  { dataset, target }: PreparedDomains,
  { sourceAway, network }: { sourceAway: boolean; network: Network },
): { wanted: AdaptationConfig[]; refused: AdaptStart['refused'] } {
  const wanted: AdaptationConfig[] = [];
  const refused: AdaptStart['refused'] = [];
  for (const adaptation of configs) {
    try {
      checkAdaptation({ adaptation, config, dataset, target, sourceAway });
      if ([...adaptation.before, adaptation.method].includes('adabn')) normalizationLayers({ network });
      wanted.push(adaptation);
    } catch (thrown) {
      const error = GraftError.from(thrown);
      if (configs.length === 1) throw error;
      refused.push({ method: nameOfAdaptation(adaptation), reason: error.message });
    }
  }
  if (wanted.length > 0) return { wanted, refused };
  throw new GraftError(
    'adaptation-impossible',
    `Expected a method that can adapt this run, found none: ${refused[0]?.reason ?? 'no method was named'}`,
  );
}

async function adaptAll(
  { project, jobs }: Session,
  runs: readonly Run[],
  prepared: PreparedDomains,
  resume: boolean,
  { pause, onEpoch, ...reporting }: TrainReporting,
): Promise<void> {
  // The copy of the model as it was stands first, and is there whatever becomes of the run that it was copied from.
  const [copy] = listRunsOfComparison(project.db, runs[0].comparisonId);
  for (const run of runs) {
    const record = adaptationOfRun(project.db, run.id);
    if (!record) continue;
    const title = `Adaptation of run ${run.id} by ${adaptationTitle(nameOfAdaptation(record.config))}`;
    const adapting = jobs.run({ kind: 'adapt', title, ...reporting }, (handle: JobHandle) =>
      adaptRun(project, run, handle, {
        adaptation: record.config,
        domains: prepared,
        sourceRunId: copy.id,
        resume,
        ...(pause ? { pause } : {}),
        ...(onEpoch ? { onEpoch } : {}),
      }),
    );
    await adapting.catch((thrown: unknown) => {
      const { kind, code } = GraftError.from(thrown);
      // Of several methods one may fail: its row says why, and the others go on.
      if (runs.length === 1 || kind === 'cancelled' || code === 'worker-died') throw thrown;
    });
  }
}

function warningsOf({ judged, leftOut }: AdaptationFacts, { target }: PreparedDomains): string[] {
  const images = (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`;
  return [
    ...(judged.images > 0
      ? [
          `${images(judged.images)} of the target (${judged.patients} patients) are in a set that the model will be judged by: it sees them without labels, and may look better on them than on images to come. With a share below 1 some patients stay unseen.`,
        ]
      : []),
    ...(leftOut.images > 0
      ? [
          `${images(leftOut.images)} of ${leftOut.patients} patients of the locked test set were left out of the target.`,
        ]
      : []),
    ...(target.length < 50
      ? [`The target has ${images(target.length)}: with so few, what a method learns of it is uncertain.`]
      : []),
  ];
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

function parse<T>(schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new GraftError('settings-wrong', `The settings of the adaptation do not fit: ${what}.`);
}
