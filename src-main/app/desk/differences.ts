import type { Run } from '../../contract/run.ts';
import { titleOfStart } from '../start-names.ts';

const WORDS: Record<string, string> = {
  freezeUntil: 'frozen up to',
  trainableLayers: 'layers that learn',
  freezePreset: 'what learns',
  epochs: 'epochs',
  headEpochs: 'epochs of the head alone',
  batchSize: 'batch size',
  learningRate: 'learning rate',
  headLearningRate: 'rate of the head',
  stageFactor: 'rate from stage to stage',
  stageRates: 'rates of single stages',
  schedule: 'schedule',
  weightDecay: 'weight decay',
  labelSmoothing: 'label smoothing',
  classWeights: 'class weights',
  batchNormalization: 'BatchNorm',
  seed: 'seed',
  head: 'head',
  optimizer: 'optimiser',
  augmentation: 'augmentation',
  earlyStopping: 'early stopping',
  clipNorm: 'gradient limit',
};

/** What a training was set otherwise than one before it: "learning rate 0.0003 → 0.001". */
export function differencesBetween(before: Run, after: Run): string[] {
  const [start, otherStart] = [before, after].map(({ config }) => titleOfStart(config));
  const settings = Object.keys(WORDS).flatMap((key) => {
    const one = before.config[key as keyof Run['config']];
    const other = after.config[key as keyof Run['config']];
    return different(one, other) ? [describe(WORDS[key], one, other)] : [];
  });
  const images = Object.keys(after.preprocessing).flatMap((key) => {
    const one = before.preprocessing[key as keyof Run['preprocessing']];
    const other = after.preprocessing[key as keyof Run['preprocessing']];
    return different(one, other) ? [describe(`image ${key}`, one, other)] : [];
  });
  const starts = start === otherStart ? [] : [describe('starts from', start, otherStart)];
  return [...starts, ...settings, ...images];
}

const different = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

function describe(name: string, one: unknown, other: unknown): string {
  if (isPlainObject(one) && isPlainObject(other)) {
    const changed = Object.keys({ ...one, ...other })
      .filter((key) => different(one[key], other[key]))
      .map((key) => `${key} ${text(one[key])} → ${text(other[key])}`);
    return `${name}: ${changed.join(', ')}`;
  }
  return `${name} ${text(one)} → ${text(other)}`;
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value) && value.length > 3) return `${value.length} of them`;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
