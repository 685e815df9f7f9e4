import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { Dataset, Split } from '../contract/dataset.ts';
import type { FilterKeyword } from '../contract/instances.ts';
import type {
  ContinuedWeights,
  Count,
  ReportModel,
  ReportResult,
  ReportRun,
  ReportSource,
} from '../contract/report.ts';
import { OUT_OF_FOLD, type Comparison, type Run } from '../contract/run.ts';
import type { RunResult, TrainingConfig } from '../contract/training.ts';
import { diagnosisText } from '../evaluation/index.ts';
import { cardOf, modelCard, modelCards } from '../models/index.ts';
import { originOfRun } from '../store/arrived-models.ts';
import { listChecks } from '../store/checks.ts';
import { listEpochs } from '../store/epochs.ts';
import {
  countInstances,
  countRefusedFiles,
  listAttributeValues,
  listSources,
  type ReadableDatabase,
  type ReadableProject,
} from '../store/index.ts';
import { listExportedModels } from '../store/models.ts';
import { listOpenings } from '../store/openings.ts';
import { adaptationOfReport } from './adaptation/report-adaptation.ts';
import { learningCurves } from './sweep/learning-curve.ts';
import { addedModelIn } from './added-models.ts';
import { crossValidationOfReport } from './cross-validation/report-cross-validation.ts';
import { characteristicsOf } from './characteristics.ts';
import { withoutSites } from './checks/without-sites.ts';
import { diagnose } from './diagnose.ts';
import { judgedBy, seenBefore } from './lineage.ts';
import { limitationsOf } from './limitations.ts';
import type { SetResult } from './results.ts';
import { looksAt } from './test-looks.ts';

/** Acquisition, not persons: nothing here names a patient, a physician or an institution. */
const ACQUISITION: readonly FilterKeyword[] = [
  'Modality',
  'Manufacturer',
  'ManufacturerModelName',
  'MagneticFieldStrength',
  'KVP',
  'BodyPartExamined',
  'PatientSex',
  'TransferSyntaxUID',
];
const VALUES_SHOWN = 12;

export interface ReportSubject {
  project: ReadableProject;
  comparison: Comparison;
  split: Split;
  /** Finished runs of the comparison. */
  runs: readonly Run[];
  dataset: Dataset;
  results: readonly SetResult[];
}

/** Everything that a report says, taken from what is recorded. */
export function buildReportModel(subject: ReportSubject): ReportModel {
  const { project, split, runs, dataset } = subject;
  const { db } = project;
  const main = runs.find(({ approach }) => approach === 'fine-tuned') ?? runs[runs.length - 1];
  const { config } = main;
  // What counts comes first: held-out patients, other sites, and last those who helped to choose.
  const rank = ({ setName }: SetResult): number =>
    setName === 'test' ? 0 : setName === 'validation' || setName === OUT_OF_FOLD ? 2 : 1;
  const results = [...subject.results]
    .sort((a, b) => rank(a) - rank(b))
    .map((result) => reportResult(db, split, subject.comparison.id, result));
  const { classes, multiLabel = false, options, hash, counts, leftOut } = split;
  const continued = continuedWeights(project, main, dataset);
  return {
    format: 1,
    title: `${project.name}: ${config.modelName}, fine-tuned and compared`,
    createdAt: new Date().toISOString(),
    project: project.name,
    data: {
      sources: listSources(db).map(({ id, name }): ReportSource => ({
        name,
        images: countInstances(db, id).images,
        refused: toCounts(countRefusedFiles(db, id)),
      })),
      acquisition: ACQUISITION.flatMap((attribute) => acquisition(db, attribute)),
      characteristics: characteristicsOf(db, split.id, Object.keys(counts)),
      warnings: dataset.warnings.map(({ message }) => message),
    },
    preprocessing: main.preprocessing,
    split: { classes, multiLabel, options, hash, counts, leftOut },
    model: modelOf(main, continued),
    runs: runs.map((run) => reportRun(db, run, split)),
    results,
    exported: exportedModel(db, main),
    ...checksOf(db, main),
    ...adaptationOfReport(project, runs),
    ...crossValidationOfReport(db, split.id, config.modelName),
    ...learningCurveOf(db, split.id),
    environment: main.environment,
    seeds: [
      { name: 'split', value: options.seed },
      { name: 'training', value: config.seed },
      ...(results.length > 0 ? [{ name: 'bootstrap', value: results[0].table.bootstrap.seed }] : []),
    ],
    limitations: [
      ...ensembleSentences(main),
      ...arrivedSentences(db, main),
      ...limitationsOf({
        ...{ split, dataset, results, continued },
        seenInFolds: seenBefore(project, config.initial, [...dataset.train, ...dataset.validation]).patients,
      }),
    ],
  };
}

/** The newest on the split that has points. */
function learningCurveOf(db: ReadableDatabase, splitId: number): Pick<ReportModel, 'learningCurve'> {
  const found = learningCurves(db).find((one) => one.splitId === splitId && one.points.length > 0);
  return found ? { learningCurve: found } : {};
}

/** How many models answer for the fine-tuned one, and how they were made. */
function ensembleSentences({ result }: Run): string[] {
  if (!result?.ensemble) return [];
  const { members, images } = result.ensemble;
  return [
    `The fine-tuned model is an ensemble of ${members.length} members, whose probabilities are averaged: one for each fold of the ${images} training and validation images, dealt by patient; each learned from all folds but one (${members.map(({ learned }) => learned).join(', ')} images) and was chosen by that one. What it is compared with learned from the training images alone. Its figures on validation are out of fold: each patient is judged by the one member that has not seen them.`,
  ];
}

/** What this project cannot describe: it never had the images. */
function arrivedSentences(db: ReadableDatabase, { id }: Run): string[] {
  const origin = originOfRun(db, id);
  if (!origin) return [];
  const { weights, learned } = origin;
  const known = learned.images === 0 ? '' : ` on ${learned.images} images of ${learned.patients} patients`;
  return [
    `The model was trained in another project${known} (SHA-256 of its weights ${weights}). Those images never were here: data, sets and seeds of this report are those that it was adapted to and judged by.`,
  ];
}

const toCounts = (counts: Record<string, number>): Count[] =>
  Object.entries(counts).map(([name, count]) => ({ name, count }));

/** An attribute that no image states is left out. */
function acquisition(
  db: ReadableDatabase,
  attribute: FilterKeyword,
): { attribute: string; values: Count[] }[] {
  const values = listAttributeValues(db, attribute);
  if (values.every(({ value }) => value === null)) return [];
  const shown = values.slice(0, VALUES_SHOWN);
  const others = values.slice(VALUES_SHOWN).reduce((sum, { images }) => sum + images, 0);
  const counts = shown.map(({ value, images }) => ({
    name: value === null ? 'not stated' : String(value),
    count: images,
  }));
  return [{ attribute, values: others > 0 ? [...counts, { name: 'others', count: others }] : counts }];
}

function modelOf(run: Run, continued: ContinuedWeights | null): ReportModel['model'] {
  const { config, startingWeights } = run;
  const { name, title, sourceTask, licence, inputSize } = startOf(run);
  const own = { name, title, inputSize, sha256: startingWeights, continued };
  if (config.initial === 'pretrained') return { ...own, sourceTask, licence, weights: null };
  if (config.initial === 'random') return { ...own, sourceTask: null, licence, weights: null };
  const added = addedModelIn(config.initial);
  return {
    ...own,
    sourceTask: added?.sourceTask || 'not stated',
    licence: added?.licence ?? 'not stated',
    weights: {
      title: added?.title ?? basename(config.initial),
      source: added?.source || 'not stated',
      format: added?.report?.format ?? null,
      preprocessing: added?.report?.preprocessing ?? null,
    },
    sha256: added?.sha256 ?? startingWeights,
  };
}

/** What weights know of this project's images from before, and whether of those that they are judged by. */
function continuedWeights(
  project: ReadableProject,
  { config }: Run,
  dataset: Dataset,
): ContinuedWeights | null {
  const lineage = addedModelIn(config.initial)?.lineage;
  if (!lineage) return null;
  const { parent, methodTitle, images, patients, epochs, size, heldOut } = lineage;
  return {
    from: parent.title,
    method: methodTitle,
    images,
    patients,
    epochs,
    size,
    heldOutPatients: heldOut?.patients ?? null,
    seen: seenBefore(project, config.initial, judgedBy(dataset)),
  };
}

type Start = Pick<ReturnType<typeof modelCard>, 'name' | 'title' | 'sourceTask' | 'licence' | 'inputSize'>;

/** A network of its own that was removed since is known by its name, and by the images that it was trained on. */
function startOf({ config, result }: Run): Start {
  const { modelName, initial } = config;
  if (modelCards().some(({ name }) => name === modelName)) return modelCard(modelName);
  if (existsSync(join(initial, 'model.json'))) return cardOf(config);
  const inputSize = result?.freezeMap[0]?.outputShape[0] ?? 0;
  return { name: modelName, title: modelName, sourceTask: null, licence: 'not stated', inputSize };
}

function reportRun(db: ReadableDatabase, run: Run, split: Split): ReportRun {
  const { id, approach, config, result } = run;
  const epochs = listEpochs(db, id);
  if (!result)
    return {
      id,
      approach,
      config: reportedConfig(config),
      epochs,
      result: null,
      freezeMap: [],
      diagnosis: null,
    };
  return {
    id,
    approach,
    config: reportedConfig(result.config),
    epochs,
    result: approach === 'probe' ? null : reportedResult(result),
    freezeMap: result.freezeMap,
    diagnosis: diagnosisText(diagnose(run, epochs, split)),
  };
}

/** A folder on this machine says who uses it; its last name is enough to know the model by. */
const reportedConfig = (config: TrainingConfig): TrainingConfig => ({
  ...config,
  initial: basename(config.initial),
});

/** What is shown elsewhere in the report, and where the model lies on this machine, is left out. */
function reportedResult(result: RunResult): ReportRun['result'] {
  const { classes, bestEpoch, monitor, bestValue, stoppedEarly, cut } = result;
  const { parameters, frozen, features, engine, seconds } = result;
  return {
    classes,
    bestEpoch,
    monitor,
    bestValue,
    stoppedEarly,
    cut,
    parameters,
    frozen,
    features,
    engine,
    seconds,
  };
}

function reportResult(
  db: ReadableDatabase,
  split: Split,
  comparisonId: number,
  result: SetResult,
): ReportResult {
  const { setName, table, withCopies, excluded, analysis } = result;
  const openings = listOpenings(db, split.hash).filter((opening) => opening.setName === setName).length;
  return {
    setName,
    description: describe(setName),
    openings,
    table,
    withCopies,
    excluded: toCounts(excluded),
    analysis,
    ...(setName === 'validation' || setName === OUT_OF_FOLD
      ? {}
      : { looks: looksAt(db, comparisonId, setName) }),
  };
}

function describe(setName: string): string {
  if (setName === 'test') return 'Held-out test patients';
  if (setName === OUT_OF_FOLD)
    return 'Cross-validated: each patient judged by the member that has not seen them';
  if (setName === 'validation') return 'Validation patients, who chose the epoch (too good)';
  return `External set ${setName}`;
}

function exportedModel(db: ReadableDatabase, { id: runId }: Run): ReportModel['exported'] {
  const found = listExportedModels(db).findLast(
    (model) => model.runId === runId && model.path.endsWith('.onnx'),
  );
  if (!found) return null;
  const { path, sha256, bytes, largestDifference, imagesCompared, exportedAt } = found;
  // Written elsewhere, its folder says who uses this machine: then its name is enough.
  return {
    path: isAbsolute(path) || path.startsWith('..') ? basename(path) : path,
    sha256,
    bytes,
    largestDifference,
    imagesCompared,
    exportedAt,
  };
}

function checksOf(db: ReadableDatabase, { id }: Run): Pick<ReportModel, 'checks'> {
  const checks = listChecks(db, id);
  return checks.length === 0 ? {} : { checks: checks.map(withoutSites) };
}
