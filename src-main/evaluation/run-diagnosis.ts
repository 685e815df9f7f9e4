import { type RunFinding, type RunFindingKind, runFindings } from '../contract/diagnosis.ts';
import type { ErrorRecord } from '../contract/errors.ts';
import type { EpochMetrics, TrainingConfig } from '../contract/training.ts';
import { curveOf, diagnoseCurves } from './curve-diagnosis.ts';

/** What a diagnosis is made from. */
export interface DiagnosedRun {
  epochs: readonly EpochMetrics[];
  config: TrainingConfig;
  error?: ErrorRecord | null;
  /** Class names; of findings, where an image may show several. */
  classes: readonly string[];
  /** Training images, and how many of each class. */
  training: { images: number; classes: readonly number[] };
  multiLabel?: boolean;
  /** Whether it is the baseline from random weights, whose rate no setting of the plan decides. Default: no. */
  baseline?: boolean;
  /** Where it is read, which decides how a rate is searched for. Default: somewhere else, such as in a report. */
  readOn?: 'page' | 'terminal';
}

/** Epochs of a phase below which a trend says nothing. */
const FEWEST = 4;
/** The end of a phase lies so far above its lowest training loss: it rose. */
const RISE = 0.15;
/** Change of the training loss from epoch to epoch, as a share of its mean, that is no longer noise. */
const SWING = 0.1;
/** A phase in which the loss fell by less than this share has learned next to nothing. */
const STANDSTILL = 0.1;
/** Share of falling epochs that makes a fall steady. */
const STEADY = 0.8;
/** Losses above this share of guessing's are far from learned. */
const UNLEARNED = 0.7;
/** Share of steps whose gradient was clipped that counts as most. */
const MOST = 0.5;
/** Share of the images in one class that counts as all; and how many there may really be for that to be wrong. */
const [ALL, REALLY] = [0.95, 0.8];
/** Difference of the losses on batches and as at inference, in nats, and their ratio. */
const [GAP, TIMES] = [0.25, 2];

/**
 * What a run shows, the most important first, each by a rule:
 * - diverged: the loss was no number any more
 * - rate too high, in the last phase of at least four epochs: the training loss ended 15 % above its lowest; or went up and down by more
 *   than a tenth of itself from epoch to epoch without coming down, and the validation loss likewise; or the one class that all images were put into changed twice; or the
 *   gradient was clipped in most steps after the first epoch while the loss fell by less than a tenth, and not steadily; a loss that has
 *   come below half of guessing's is left alone, and so are curves of blended images
 * - unstable BatchNorm: on the same training images the loss on statistics of the batch and that at inference differed by more than a
 *   quarter of a nat and more than twofold, in the median of the last three epochs
 * - class collapse: in the last two epochs at least 95 % of the images were put into one class to which at most 80 % belong
 * - rate too low, in the last phase of at least four epochs: the training loss fell in four of five epochs, by less than a tenth in all,
 *   is still above 70 % of guessing's, and less than half of the way from guessing to all right has been gone
 * - overfitting, underfitting, no gain, past its best, still improving, healthy: as `diagnoseCurves` has them; underfitting and no
 *   gain only where nothing above explains them, overfitting where there is no class collapse
 *
 * The last three are notes, given where there is no problem. Fewer than three epochs say nothing.
 */
export function diagnoseRun(run: DiagnosedRun): RunFinding[] {
  const problems = [
    ...diverged(run),
    ...rateTooHigh(run),
    ...unstableBatchNorm(run),
    ...classCollapse(run),
    ...rateTooLow(run),
  ];
  const found = [...problems, ...curves(run, problems)];
  return found.sort((a, b) => runFindings.indexOf(a.kind) - runFindings.indexOf(b.kind));
}

/** What a run shows in one paragraph; null where it shows nothing yet. */
export const diagnosisText = (findings: readonly RunFinding[]): string | null =>
  findings.length === 0
    ? null
    : findings.map(({ text, advice }) => (advice === '' ? text : `${text} ${advice}`)).join(' ');

const problem = (kind: RunFindingKind, text: string, advice: string): RunFinding => ({
  kind,
  tone: 'problem',
  text,
  advice,
});

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const rounded = (rate: number): number => Number(rate.toPrecision(2));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/** The epochs at the end in which the same was learned. */
function lastPhase(epochs: readonly EpochMetrics[]): readonly EpochMetrics[] {
  const start = epochs.findLastIndex(({ phase }) => phase !== epochs.at(-1)?.phase) + 1;
  return epochs.slice(start);
}

/** The setting that the last phase's rate comes from. */
function rateOf({ epochs, config }: DiagnosedRun): { rate: number; name: string } {
  return epochs.at(-1)?.phase === 'feature-extraction'
    ? { rate: config.headLearningRate, name: "head's learning rate" }
    : { rate: config.learningRate, name: 'learning rate' };
}

const searchFor = ({ readOn }: DiagnosedRun): string => {
  if (readOn === 'page') return 'press Find a rate on the Plan screen';
  return readOn === 'terminal' ? 'search for a rate with graft train --find-rate' : 'search for a rate';
};

/** What to do about a rate, where the person can do it. */
function rateAdvice(run: DiagnosedRun, rate: number, also = ''): string {
  if (!run.baseline) return `Try ${rounded(rate)}${also}, or ${searchFor(run)}.`;
  const how = run.readOn === 'terminal' ? ' (--weights random)' : '';
  return `The rate of this baseline is the same for every plan: do not take what it reached as all that these images teach from nothing. To see that at ${rounded(rate)}, train a plan of its own from random weights${how}.`;
}

/** Loss of who answers every class alike. */
const guessing = ({ classes, multiLabel }: DiagnosedRun): number => Math.log(multiLabel ? 2 : classes.length);

function diverged(run: DiagnosedRun): RunFinding[] {
  if (run.error?.code !== 'training-diverged') return [];
  const { rate, name } = rateOf(run);
  return [
    problem(
      'diverged',
      `The loss overflowed: the ${name} of ${rate} is too high for these images.`,
      rateAdvice(run, rate / 10),
    ),
  ];
}

function rateTooHigh(run: DiagnosedRun): RunFinding[] {
  const phase = lastPhase(run.epochs);
  if (phase.length < FEWEST) return [];
  const losses = phase.map(({ trainLoss }) => trainLoss);
  // What is nearly learned jumps about its small loss, and does no harm.
  if (mean(losses.slice(losses.length >> 1)) < guessing(run) / 2) return [];
  // Blends are easier or harder from batch to batch: their loss jumps by itself.
  const blended = run.config.mixup > 0 || run.config.cutmix > 0;
  // Dropout and versions make the training loss of a few images jump; what the rate does shows on the validation images too.
  const validation = phase.flatMap(({ validationLoss }) => validationLoss ?? []);
  const both = (sees: (of: readonly number[]) => string | null): string | null =>
    validation.length === losses.length && sees(validation) === null ? null : sees(losses);
  const curve = blended ? null : (both(rise) ?? both(swings));
  const sign = curve ?? changesOfMind(phase, run.classes) ?? clipped(phase);
  if (sign === null) return [];
  const { rate, name } = rateOf(run);
  return [
    problem(
      'rate-too-high',
      `The ${name} of ${rate} is too high: ${sign}.`,
      rateAdvice(run, rate / 10, ', a longer warm-up'),
    ),
  ];
}

function rise(losses: readonly number[]): string | null {
  const lowest = Math.min(...losses);
  const end = mean(losses.slice(-Math.max(2, Math.floor(losses.length / 3))));
  return end > lowest * (1 + RISE)
    ? `the training loss rose from ${lowest.toFixed(3)} to ${end.toFixed(3)}`
    : null;
}

function swings(losses: readonly number[]): string | null {
  const steps = losses.slice(1).map((loss, at) => loss - losses[at]);
  const travelled = steps.reduce((sum, step) => sum + Math.abs(step), 0);
  const descended = losses[0] - losses[losses.length - 1];
  const swing = travelled / steps.length / mean(losses);
  return swing > SWING && descended < travelled / 3
    ? `the training loss goes up and down, by ${percent(swing)} from epoch to epoch`
    : null;
}

/** All images in one class, then all in another, then all in another again. */
function changesOfMind(phase: readonly EpochMetrics[], classes: readonly string[]): string | null {
  const said = phase.flatMap(({ predictions }) => {
    if (!predictions) return [];
    const c = predictions.predicted.findIndex((count) => count >= ALL * sum(predictions.predicted));
    return c < 0 ? [] : [c];
  });
  const turns = said.filter((c, at) => at > 0 && c !== said[at - 1]).length;
  return turns >= 2
    ? `one epoch puts all images into ${classes[said[0]]}, another all into ${classes[said.find((c) => c !== said[0])!]}`
    : null;
}

function clipped(phase: readonly EpochMetrics[]): string | null {
  const shares = phase.slice(1).flatMap(({ gradient }) => (gradient ? [gradient.clipped] : []));
  if (shares.length === 0 || mean(shares) <= MOST) return null;
  const { fell, steady } = descent(phase.map(({ trainLoss }) => trainLoss));
  // A loss that hardly falls, but steadily, is that of a rate too low.
  return fell < STANDSTILL && !steady
    ? `the gradient was cut down in ${percent(mean(shares))} of the steps, and the loss did not come down`
    : null;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function unstableBatchNorm({ epochs, config }: DiagnosedRun): RunFinding[] {
  const seen = epochs.slice(-3).flatMap(({ normalization }) => (normalization ? [normalization] : []));
  if (seen.length < 3) return [];
  const [batch, inference] = [median(seen.map((one) => one.batch)), median(seen.map((one) => one.inference))];
  const apart = Math.abs(batch - inference);
  if (apart <= GAP || Math.max(batch, inference) < TIMES * Math.min(batch, inference)) return [];
  const why =
    config.batchSize < 16
      ? `Batches of ${config.batchSize} are too small for it: use 16 and more, or leave BatchNorm as at inference.`
      : 'Its averages have not caught up with the weights: train longer at a lower rate, or leave BatchNorm as at inference.';
  return [
    problem(
      'unstable-batch-norm',
      `BatchNorm is unstable: on the same training images the loss is ${batch.toFixed(2)} with the statistics of each batch, and ${inference.toFixed(2)} as at inference.`,
      why,
    ),
  ];
}

function classCollapse(run: DiagnosedRun): RunFinding[] {
  const { epochs, config, classes } = run;
  const last = epochs.slice(-2).map(({ predictions }) => predictions);
  if (last.length < 2) return [];
  const collapsed = last.map((one) => {
    if (!one) return -1;
    const total = sum(one.there);
    return one.predicted.findIndex((count, c) => count >= ALL * total && one.there[c] <= REALLY * total);
  });
  const [c] = collapsed;
  if (c < 0 || collapsed[1] !== c) return [];
  const { of, predicted, there } = last[1]!;
  const balanced = config.classWeights || config.balancedSampling;
  return [
    problem(
      'class-collapse',
      `The model says ${classes[c]} to nearly everything: to ${predicted[c]} of ${sum(there)} ${of} images, of which ${there[c]} are.`,
      balanced
        ? `Look whether the labels fit the images; unfreeze more stages, or ${searchFor(run)}.`
        : 'Switch on class weights or balanced sampling, and look whether the labels fit the images.',
    ),
  ];
}

/** By which share losses fell in all, and whether they did so in nearly every epoch. */
function descent(losses: readonly number[]): { fell: number; steady: boolean } {
  const falling = losses.slice(1).filter((loss, at) => loss < losses[at]).length / (losses.length - 1);
  return { fell: 1 - losses[losses.length - 1] / losses[0], steady: falling >= STEADY };
}

function rateTooLow(run: DiagnosedRun): RunFinding[] {
  const phase = lastPhase(run.epochs);
  if (phase.length < FEWEST) return [];
  const losses = phase.map(({ trainLoss }) => trainLoss);
  const { fell, steady } = descent(losses);
  if (!steady || fell >= STANDSTILL || losses[losses.length - 1] < UNLEARNED * guessing(run)) return [];
  // Blended images keep the training loss high while everything is learned.
  const { points, chance } = curveOf(run.epochs, run.training, run.multiLabel);
  const right = points.at(-1)?.valAccuracy ?? phase[phase.length - 1].trainAccuracy;
  if (right > (1 + chance) / 2) return [];
  const { rate, name } = rateOf(run);
  return [
    problem(
      'rate-too-low',
      `The ${name} of ${rate} is too low: the training loss falls steadily, and by only ${(100 * fell).toFixed(1)} % in ${phase.length} epochs.`,
      rateAdvice(run, 10 * rate),
    ),
  ];
}

/** Explained already by what was found of the steps. */
const EXPLAINED: readonly RunFindingKind[] = ['underfitting', 'no-gain'];

function curves(
  { epochs, training, multiLabel }: DiagnosedRun,
  problems: readonly RunFinding[],
): RunFinding[] {
  const { points, chance } = curveOf(epochs, training, multiLabel);
  const { verdict, message } = diagnoseCurves(points, chance);
  if (verdict === 'too-short') return [];
  const note = ['past-its-best', 'still-improving', 'healthy'].includes(verdict);
  if (problems.length > 0 && (note || EXPLAINED.includes(verdict))) return [];
  // Classes in other proportions than in training look like learning by heart to whoever says one class only.
  if (verdict === 'overfitting' && problems.some(({ kind }) => kind === 'class-collapse')) return [];
  return [{ kind: verdict, tone: note ? 'note' : 'problem', text: message, advice: '' }];
}
