import type { ReportModel, ReportResult } from '../../contract/report.ts';
import { OUT_OF_FOLD } from '../../contract/run.ts';
import { METRIC, whole } from '../format.ts';
import { ratesText } from '../rates.ts';
import { dealtBy, intensityText, sizeText } from '../sections/data.ts';
import { type Answer, answered, author, partly } from './checklist.ts';

/** What both checklists ask for, each drawn from the records once. */

const isSelection = ({ setName }: ReportResult): boolean =>
  setName === 'validation' || setName === OUT_OF_FOLD;
const testResults = ({ results }: ReportModel): ReportResult[] =>
  results.filter((result) => !isSelection(result));
const externalSets = ({ split }: ReportModel): string[] => Object.keys(split.options.evaluationSets);
const firstResult = (model: ReportModel): string => {
  const at = model.results.findIndex((result) => !isSelection(result));
  return at < 0 ? 'summary' : `result-${at + 1}`;
};
const firstAnalysis = (model: ReportModel): string => {
  const at = model.results.findIndex((result) => !isSelection(result) && result.analysis);
  return at < 0 ? firstResult(model) : `analysis-${at + 1}`;
};
const tunedRun = ({ runs }: ReportModel) => runs.find(({ approach }) => approach === 'fine-tuned') ?? runs[0];
const and = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

export const sources = ({ data }: ReportModel): Answer =>
  partly(
    'data',
    `${data.sources.length === 1 ? 'One source' : `${data.sources.length} sources`}: ${and(data.sources.map(({ name, images }) => `${name} (${whole(images)} images)`))}. Author: which institutions and which dates.`,
  );

export const eligibility = ({ data, split }: ReportModel): Answer => {
  const refused = data.sources.flatMap(({ refused: counts }) => counts);
  const out = Object.values(split.leftOut).reduce((sum, count) => sum + (count ?? 0), 0);
  return partly(
    'data',
    `Files were refused for stated reasons (${whole(refused.reduce((sum, { count }) => sum + count, 0))}), and labelled images left out of the split (${whole(out)}). Author: clinical inclusion and exclusion criteria.`,
  );
};

export const preprocessing = ({ preprocessing: one }: ReportModel): Answer =>
  answered('data', `${sizeText(one)}; grey values: ${intensityText(one)}.`);

export const deidentified = (): Answer =>
  answered(
    'intended-use',
    'Patient numbers are kept as keyed hashes only, names and birth dates not at all; this report holds neither.',
  );

export const missing = ({ split, data }: ReportModel): Answer =>
  answered(
    'data',
    `Images that could not be read, have no label or no known answer take no part; they are counted by reason${Object.keys(split.leftOut).length + data.warnings.length > 0 ? '' : ' (none here)'}. Nothing was imputed.`,
  );

export const acquisition = ({ data }: ReportModel): Answer =>
  data.acquisition.length === 0
    ? author('How images were acquired: the files state no attribute of it.')
    : partly(
        'data',
        `As stated in the files: ${and(data.acquisition.map(({ attribute }) => attribute))}. Author: the protocol.`,
      );

export const partitions = ({ split }: ReportModel): Answer =>
  answered(
    'data',
    `${dealtBy(split)}; ${and(Object.entries(split.counts).map(([set, { patients }]) => `${set} ${whole(patients)} patients`))}.`,
  );

export const disjoint = (): Answer =>
  answered(
    'data',
    'By patient: no patient is in two sets. Exact copies of an image under another patient number are found by their pixels and left out of the sets that judge.',
  );

export const modelDescription = ({ model, runs }: ReportModel): Answer => {
  const tuned = tunedRun({ runs } as ReportModel);
  const weights = tuned?.result ? ` ${whole(tuned.result.parameters.total)} weights.` : '';
  return answered(
    'model',
    `${model.title}.${weights} Every layer, and whether it learned, is in the freeze map.`,
  );
};

export const initialisation = ({ model }: ReportModel): Answer =>
  answered(
    'model',
    model.sourceTask === null
      ? 'Random weights, from a recorded seed.'
      : `Pre-trained on ${model.sourceTask}; the file’s SHA-256 is recorded.`,
  );

export const software = ({ environment }: ReportModel): Answer =>
  answered(
    'reproducibility',
    `Graft ${environment.graft}, Node.js ${environment.node}, ${and(Object.entries(environment.packages).map(([name, version]) => `${name} ${version}`))}.`,
  );

export const training = (model: ReportModel): Answer => {
  const run = tunedRun(model);
  const config = run?.config;
  return run && config
    ? answered(
        'training',
        `${config.optimizer.kind}, learning rate ${ratesText(run)}, batch ${config.batchSize}, schedule ${config.schedule}; every setting, augmentation included, is listed, with curves.`,
      )
    : author('How the model was trained.');
};

export const selection = (model: ReportModel): Answer => {
  const { result, config, epochs = [] } = tunedRun(model) ?? {};
  const chosen = epochs.length === 0 || epochs.some(({ validationLoss }) => validationLoss !== null);
  return result
    ? answered(
        'training',
        chosen
          ? `The epoch with the best ${config!.earlyStopping?.monitor ?? result.monitor} on validation patients; the test set took no part.`
          : 'Not chosen: the last epoch, as there were no validation patients; the test set took no part.',
      )
    : author('How the final model was chosen.');
};

export const ensemble = ({ limitations }: ReportModel): Answer => {
  const found = limitations.find((sentence) => sentence.includes('is an ensemble of'));
  return answered('training', found ?? 'None: one model answers.');
};

export const metrics = ({ results }: ReportModel): Answer =>
  results.length === 0
    ? author('Nothing was evaluated yet.')
    : answered(
        'result-1',
        `${and(Object.values(METRIC))}, by class and averaged, calibration, and each approach beside its baselines.`,
      );

export const uncertainty = ({ results }: ReportModel): Answer => {
  const bootstrap = results[0]?.table.bootstrap;
  if (!bootstrap) return author('Nothing was evaluated yet.');
  const tests = results[0].analysis?.tests.length;
  return answered(
    'result-1',
    `95 % intervals by bootstrap over patients (${whole(bootstrap.replicates)} replicates, seed ${bootstrap.seed}), for differences on the same patients too${tests ? `; ${tests} paired tests, adjusted by Holm` : ''}.`,
  );
};

export const robustness = (model: ReportModel): Answer => {
  const external = externalSets(model);
  const groups = model.results.some(({ analysis }) => (analysis?.subgroups.length ?? 0) > 0);
  const said = [
    ...(external.length > 0 ? [`external sets (${and(external)})`] : []),
    ...(groups ? ['subgroups'] : []),
    ...(model.results.some(({ withCopies }) => withCopies) ? ['with and without exact copies'] : []),
  ];
  return said.length === 0
    ? author('No external set, subgroup or perturbation was evaluated.')
    : partly(firstResult(model), `Results by ${and(said)}. Author: other sensitivity analyses.`);
};

export const internal = (model: ReportModel): Answer => {
  const at = model.results.findIndex(({ setName }) => setName === 'test');
  if (at < 0) return author('The held-out test set was not opened yet.');
  const { openings, table } = model.results[at];
  return answered(
    `result-${at + 1}`,
    `${whole(table.models[0].patients)} held-out patients, opened ${openings === 1 ? 'once' : `${openings} times`}.`,
  );
};

export const external = (model: ReportModel): Answer => {
  const isExternal = ({ setName }: ReportResult): boolean => externalSets(model).includes(setName);
  const at = model.results.findIndex(isExternal);
  return at < 0
    ? author('No data of another site or scanner was evaluated: how the model does elsewhere is not known.')
    : answered(
        `result-${at + 1}`,
        `${and(model.results.filter(isExternal).map(({ setName }) => setName))}: kept apart for evaluation alone, ${whole(model.results[at].table.models[0].patients)} patients in the first.`,
      );
};

export const flow = ({ data, split }: ReportModel): Answer =>
  partly(
    'data',
    `${whole(data.sources.reduce((sum, { images }) => sum + images, 0))} images read; included in sets ${whole(Object.values(split.counts).reduce((sum, { images }) => sum + images, 0))}; left out and refused ones by reason. Author: patients before import, as a diagram.`,
  );

export const characteristics = ({ data }: ReportModel): Answer =>
  data.characteristics && data.characteristics.length > 0
    ? partly(
        'data',
        'Patients, age, sex, years and manufacturers of each set, as the files state them. Author: clinical characteristics.',
      )
    : author('Demographic and clinical characteristics of each set.');

export const performance = (model: ReportModel): Answer => {
  const [result] = testResults(model);
  return result
    ? answered(
        firstResult(model),
        `${result.description}: every metric with its interval, and the confusion matrix.`,
      )
    : author('No held-out set was evaluated yet.');
};

export const decision = (model: ReportModel): Answer => {
  const analysis = testResults(model).find((one) => one.analysis)?.analysis;
  const operating = analysis?.models.some((one) => one.operating.length > 0);
  return operating
    ? answered(
        firstAnalysis(model),
        'Thresholds chosen on validation data, with sensitivity, specificity and predictive values.',
      )
    : partly(
        firstAnalysis(model),
        'Precision, recall and specificity of each class. Author: the threshold to be used.',
      );
};

export const limitations = ({ limitations: list }: ReportModel): Answer =>
  partly('limitations', `${list.length} are drawn from the records. Author: those that no record knows.`);

export const availability = ({ exported }: ReportModel): Answer =>
  partly(
    'reproducibility',
    `${exported ? `The model was exported as ONNX (SHA-256 ${exported.sha256.slice(0, 16)}…)` : 'The model was not exported'}; Graft is open source (Apache-2.0). Author: whether and where model and data can be had.`,
  );

export const updating = (model: ReportModel): Answer => {
  const methods = new Set(
    testResults(model).flatMap(({ analysis }) =>
      (analysis?.models ?? []).flatMap(({ recalibration }) =>
        recalibration.flatMap(({ method }) => (method === 'none' ? [] : [method])),
      ),
    ),
  );
  return methods.size > 0
    ? answered(firstAnalysis(model), `Recalibration on validation data, compared: ${and([...methods])}.`)
    : answered('training', 'None: the model is evaluated as it was trained.');
};

export const imbalance = (model: ReportModel): Answer => {
  const { config } = tunedRun(model) ?? {};
  if (!config) return author('How unequal classes were dealt with.');
  const used = [
    ...(config.classWeights ? ['class weights in the loss'] : []),
    ...(config.balancedSampling ? ['balanced sampling'] : []),
    ...(config.focalGamma > 0 ? [`focal loss (γ = ${config.focalGamma})`] : []),
  ];
  return answered(
    'training',
    used.length > 0
      ? `${and(used)}; probabilities were not corrected for it afterwards, see the reliability diagram.`
      : 'Nothing was done about it; the counts of each class are stated.',
  );
};

export const fairness = (model: ReportModel): Answer => {
  const groups = testResults(model).flatMap(({ analysis }) => analysis?.subgroups ?? []);
  return groups.length > 0
    ? partly(
        firstAnalysis(model),
        `Results by ${and([...new Set(groups.map(({ attribute }) => attribute))])}, disparities tested and adjusted by Holm. Author: why these groups.`,
      )
    : author('How fairness was addressed; no subgroup was analysed.');
};

export const clusters = (model: ReportModel): Answer => {
  const external = externalSets(model).length;
  return external > 0
    ? answered(
        firstResult(model),
        `Each source has results of its own (${external} beside the test set); images of a patient are drawn together.`,
      )
    : partly(
        firstResult(model),
        'Images of a patient are drawn together in every interval. Author: differences between centres.',
      );
};

/** Maps are pictures of patients, made when somebody asks for them: a project keeps none among its records. */
export const explained = ({ checks = [] }: ReportModel): Answer =>
  checks.some(({ kind }) => kind === 'shortcuts')
    ? partly(
        'checks',
        'What else the model could go by (scanner, site, the border of images) is asked of its features. Author: heat maps and the check that they depend on the weights (graft explain), if they were made.',
      )
    : author(
        'Whether and how answers were explained; graft explain writes heat maps, and checks whether they depend on the weights.',
      );
export const failures = ({ checks = [] }: ReportModel): Answer =>
  checks.some(({ kind }) => kind === 'failures')
    ? answered('checks', 'Which cases go wrong, and what they have in common.')
    : author(
        'Which cases went wrong, and why; the confusion matrix counts them (graft check looks further).',
      );

export const dates = ({ data }: ReportModel): Answer => {
  const years = (data.characteristics ?? []).flatMap(({ years: range }) => (range ? [range] : []));
  return years.length > 0
    ? partly(
        'data',
        `Studies of ${Math.min(...years.map(([first]) => first))} to ${Math.max(...years.map(([, last]) => last))}, by the files. Author: start and end of accrual.`,
      )
    : author('Dates of collection; the files state none.');
};

export const sampleSize = (model: ReportModel): Answer => {
  const pilots = testResults(model).flatMap(({ analysis }) => analysis?.pilots ?? []);
  return pilots.length > 0
    ? partly(
        firstAnalysis(model),
        'What this many patients can show, and how many further differences would take, is computed. Author: how the number was planned.',
      )
    : author('How many patients were planned, and why; graft computes what they can show.');
};
