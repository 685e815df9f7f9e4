import type { AugmentationChoice } from '../contract/augmentation-choice.ts';
import type { PlannedPhase, PlanWarning } from '../contract/calls/plans.ts';
import type { Preprocessing } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { chooseAugmentation } from './choose-augmentation.ts';
import { explainAugmentation, warnOfAugmentation } from './explain-augmentation.ts';

/** What an explanation is made from. */
export interface PlanFacts {
  config: TrainingConfig;
  preprocessing: Preprocessing;
  modelTitle: string;
  /** What its weights are called, where they are pre-trained; default: not said. */
  startTitle?: string;
  /** Side of the images that the weights were continued on without labels; default: they were not. */
  continuedAt?: number;
  /** Side that the model was made for. */
  inputSize: number;
  /** From the input to the head, the head left out. */
  backbone: readonly string[];
  /** Backbone stages of which something learns at some time. */
  learning: readonly string[];
  phases: readonly PlannedPhase[];
  parameters: { total: number; trainable: number };
  cut: string | null;
  /** Whether an image may have any number of the classes. Default false: exactly one. */
  multiLabel?: boolean;
  /** Training images and patients by class; null before there is a split or labels. */
  training: {
    classes: { name: string; images: number; patients: number }[];
    /** Default: those of all classes together, each image having one. */
    images?: number;
    validation: number;
  } | null;
  /** Default: what can be said without knowing the images. */
  augmentation?: AugmentationChoice;
}

const augmentationOf = ({ augmentation, config }: PlanFacts): AugmentationChoice =>
  augmentation ?? chooseAugmentation(config.augmentation, null);

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const list = new Intl.ListFormat('en', { type: 'conjunction' });
const count = (value: number, one: string): string => `${value} ${one}${value === 1 ? '' : 's'}`;

/** What a plan does, in sentences for somebody who has never trained a network. */
export function explainPlan(facts: PlanFacts): string[] {
  const { config, phases, parameters, backbone, learning } = facts;
  if (config.initial === 'random') {
    return [
      `The network ${facts.modelTitle} starts from random weights: nothing is transferred. All ${short.format(parameters.total)} weights learn for up to ${count(config.epochs, 'epoch')}.`,
      ...closing(facts),
    ];
  }
  const frozen = backbone.filter((stage) => !learning.includes(stage));
  const sentences = [
    ...(facts.startTitle === undefined ? [] : [`It starts from ${facts.startTitle}.`]),
    frozen.length === backbone.length
      ? `The pre-trained network stays as it is. Only a new head learns to tell your classes apart: ${short.format(parameters.trainable)} of ${short.format(parameters.total)} weights.`
      : frozen.length === 0
        ? `The whole pre-trained network may change: all ${short.format(parameters.total)} weights learn.`
        : `${list.format(frozen)} ${frozen.length === 1 ? 'stays' : 'stay'} as ${frozen.length === 1 ? 'it is' : 'they are'}; ${list.format(learning)} and a new head learn: ${short.format(parameters.trainable)} of ${short.format(parameters.total)} weights.`,
    ...phases.map(phaseSentence),
  ];
  const { variants } = augmentationOf(facts).config;
  if (facts.cut !== null) {
    sentences.push(
      `What the frozen part makes of each image is computed once and kept on the disk, so later epochs are quick${variants > 1 ? `; each image is seen in ${count(variants, 'version')}` : ''}.`,
    );
  }
  return [...sentences, ...closing(facts)];
}

/** What is switched on beyond the usual, one sentence for all of it. */
function extras({ config, learning }: PlanFacts): string[] {
  const used = [
    ...(config.balancedSampling ? ['each class is drawn equally often'] : []),
    ...(config.mixup > 0 ? ['pairs of images are blended, with their labels'] : []),
    // Behind a wholly frozen backbone there are only vectors, into which nothing can be pasted.
    ...(config.cutmix > 0 && learning.length > 0 ? ['pieces of one image are pasted into another'] : []),
    ...(config.focalGamma > 0 ? ['images that are right already count less'] : []),
    ...(config.l2sp > 0 && config.initial !== 'random'
      ? ['weights are pulled back to where they were pre-trained']
      : []),
    ...(config.ema > 0 ? ['a running mean of the weights is what is judged and kept'] : []),
    ...(config.testVersions > 0
      ? [`at evaluation each image is judged with ${count(config.testVersions, 'altered version')} beside it`]
      : []),
    ...(config.accumulate > 1
      ? [
          `${config.accumulate} batches make one step, as a batch of ${config.accumulate * config.batchSize} would`,
        ]
      : []),
  ];
  return used.length === 0 ? [] : [`Besides, ${list.format(used)}.`];
}

function phaseSentence(
  { name, epochs, stages, learningRate }: PlannedPhase,
  at: number,
  phases: readonly PlannedPhase[],
): string {
  const when = at === 0 ? `First, for ${count(epochs, 'epoch')},` : `Then, for ${count(epochs, 'epoch')},`;
  if (name === 'feature-extraction') {
    return `${when} only the new head learns (rate ${learningRate}), so that its first, random answers do not damage what was transferred.`;
  }
  const others = stages.filter((stage) => stage !== 'head');
  const rate =
    at > 0 && learningRate < phases[at - 1].learningRate
      ? `at a lower rate (${learningRate})`
      : `at a rate of ${learningRate}`;
  return `${when} ${list.format(others)} ${others.length === 1 ? 'joins' : 'join'} ${rate}.`;
}

function closing(facts: PlanFacts): string[] {
  const { config } = facts;
  const head = headSentence(facts);
  const stop = config.earlyStopping
    ? `Training stops early when the validation images have not improved for ${count(config.earlyStopping.patience, 'epoch')}; the weights of the best epoch are kept.`
    : 'The weights of the best epoch on the validation images are kept.';
  const augmentation = explainAugmentation(augmentationOf(facts));
  return [...(head === null ? [] : [head]), ...augmentation, ...extras(facts), stop];
}

/** What the answers are; null where that depends on labels that are not there yet. */
function headSentence({ config, multiLabel = false, training }: PlanFacts): string | null {
  const { output } = config.head;
  if (multiLabel) {
    return 'Each finding gets a probability of its own (a sigmoid each): an image may show several of them, or none.';
  }
  const classes = training?.classes ?? [];
  if (output === 'sigmoid' && classes.length === 2) {
    return `One number (a sigmoid) says how likely ${classes[1].name} is; the rest to 1 is ${classes[0].name}.`;
  }
  if (classes.length === 0) return null;
  return `Each image gets one of ${classes.length} classes: their probabilities add up to 1 (a softmax).`;
}

/** A head that does not fit the labels: training would refuse it. */
function headWarnings({ config, multiLabel = false, training }: PlanFacts): PlanWarning[] {
  const { output } = config.head;
  if (multiLabel && output === 'softmax') {
    return [
      unwise(
        'A softmax gives one answer, and an image of this label set may show several findings: the training would be refused.',
        'Set the output to automatic, or to sigmoids.',
      ),
    ];
  }
  const classes = training?.classes.length ?? 2;
  if (!multiLabel && output === 'sigmoid' && classes !== 2) {
    return [
      unwise(
        `One sigmoid tells two classes apart, and there are ${classes}: the training would be refused.`,
        'Set the output to automatic, or to softmax.',
      ),
    ];
  }
  return [];
}

/** What is likely to go wrong, why, and what to do about it. */
export function warnOfPlan(facts: PlanFacts): PlanWarning[] {
  return [...headWarnings(facts), ...dataWarnings(facts), ...rateWarnings(facts), ...imageWarnings(facts)];
}

/** Small classes that are called by name. */
const NAMED = 4;

const unwise = (text: string, advice: string): PlanWarning => ({ tone: 'unwise', text, advice });
const note = (text: string, advice: string): PlanWarning => ({ tone: 'note', text, advice });

function dataWarnings({ config, training, parameters, learning, backbone }: PlanFacts): PlanWarning[] {
  if (!training) return [];
  const images = training.images ?? training.classes.reduce((sum, one) => sum + one.images, 0);
  const warnings: PlanWarning[] = [];
  const bySize = training.classes.toSorted((a, b) => a.patients - b.patients);
  const [smallest] = bySize;
  const small = bySize.filter(({ patients }) => patients < 10);
  if (small.length === 1) {
    warnings.push(
      unwise(
        `The class ${smallest.name} has only ${count(smallest.patients, 'patient')} to learn from.`,
        'Label more of it, or merge it with another class; results for it will say little.',
      ),
    );
  } else if (small.length > 1) {
    const shown = small.slice(0, NAMED).map(({ name, patients }) => `${name} (${patients})`);
    const others = small.length > NAMED ? [count(small.length - NAMED, 'other')] : [];
    warnings.push(
      unwise(
        `${small.length} classes have fewer than ten patients to learn from: ${list.format([...shown, ...others])}.`,
        'Label more of them, or merge some; results for them will say little.',
      ),
    );
  }
  const largest = Math.max(...training.classes.map((one) => one.images));
  if (!config.classWeights && smallest && largest > 3 * Math.max(1, smallest.images)) {
    warnings.push(
      unwise(
        'Classes are of very different size and count alike.',
        'Switch on class weights, or the model may leave the rare class out.',
      ),
    );
  }
  const pretrained = config.initial !== 'random';
  if (pretrained && learning.length === backbone.length && images < 500) {
    warnings.push(
      unwise(
        `The whole network (${short.format(parameters.trainable)} weights) is to learn from ${count(images, 'image')}: it can learn them by heart.`,
        'Freeze the early stages; unfreeze more when validation keeps improving.',
      ),
    );
  }
  if (!pretrained && images < 1000) {
    warnings.push(
      note(
        `From random weights, ${count(images, 'image')} are few.`,
        'Start from pre-trained weights where there are any; the comparison trains this variant anyway.',
      ),
    );
  }
  if (training.validation === 0) {
    warnings.push(
      unwise(
        'There are no validation images: nothing tells when to stop or which epoch was best.',
        'Give validation a share of the patients.',
      ),
    );
  }
  if (config.batchSize > images) {
    warnings.push(
      unwise(
        `The batch (${config.batchSize}) is larger than the training set (${images}).`,
        `Choose at most ${Math.max(1, Math.floor(images / 4))}.`,
      ),
    );
  }
  return warnings;
}

function rateWarnings({ config, phases, training }: PlanFacts): PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (config.schedule === 'plateau' && training?.validation === 0) {
    warnings.push(
      unwise(
        'The rate is to fall when validation no longer improves, and there are no validation images.',
        'Give validation a share of the patients, or choose another schedule.',
      ),
    );
  }
  if (config.mixup > 0.5 || config.cutmix > 1) {
    warnings.push(
      note(
        'Images are blended strongly: small findings can drown.',
        'For medical images 0.1 to 0.3 are usual.',
      ),
    );
  }
  const tuning = phases.some(({ name }) => name === 'fine-tuning');
  const limit = config.optimizer.kind === 'sgd' ? 1e-2 : 1e-3;
  if (tuning && config.learningRate > limit) {
    warnings.push(
      unwise(
        `A fine-tuning rate of ${config.learningRate} is high: it can wash out what was transferred.`,
        `Stay at or below ${limit} with ${{ adamw: 'AdamW', adam: 'Adam', sgd: 'SGD' }[config.optimizer.kind]}.`,
      ),
    );
  }
  if (tuning && phases[0].name === 'fine-tuning') {
    warnings.push(
      note(
        'The new head begins at random and learns together with the transferred stages.',
        'Let the head learn alone for a few epochs first.',
      ),
    );
  }
  if (config.batchNormalization === 'training' && config.batchSize < 16 && config.initial !== 'random') {
    warnings.push(
      unwise(
        `BatchNorm follows batches of only ${config.batchSize} images: its averages become noise.`,
        'Leave BatchNorm on automatic, or use batches of 16 and more.',
      ),
    );
  }
  if (config.epochs <= config.headEpochs && tuning) {
    warnings.push(note('Almost all epochs go to the head alone.', 'Raise the number of epochs.'));
  }
  return warnings;
}

function imageWarnings(facts: PlanFacts): PlanWarning[] {
  const { config, preprocessing, inputSize, continuedAt, cut } = facts;
  const warnings = warnOfAugmentation(augmentationOf(facts), cut);
  const smaller = Math.min(preprocessing.height, preprocessing.width);
  if (continuedAt !== undefined && continuedAt !== smaller) {
    warnings.push(
      note(
        `Its weights were continued on images of ${continuedAt} × ${continuedAt}; here images are ${preprocessing.height} × ${preprocessing.width}.`,
        `Filters fit best at the size that they learned at: choose ${continuedAt}, or continue the model once more at the size you want.`,
      ),
    );
  } else if (config.initial !== 'random' && (smaller > 2.5 * inputSize || smaller < inputSize / 2.5)) {
    warnings.push(
      note(
        `Images of ${preprocessing.height} × ${preprocessing.width} are far from the ${inputSize} that the network was trained at.`,
        'Transferred filters fit best near their own size.',
      ),
    );
  }
  return warnings;
}
