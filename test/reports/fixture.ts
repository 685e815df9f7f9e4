import type { Prediction } from '../../src-main/contract/run.ts';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import type { ReportModel, ReportRun } from '../../src-main/contract/report.ts';
import { trainingConfigSchema, type EpochMetrics } from '../../src-main/contract/training.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const CLASSES = ['no finding', 'smooth nodule', 'spiculated mass'];
const APPROACHES = ['majority', 'probe', 'scratch', 'fine-tuned'] as const;

function predictions(seed: number, patients: number, right: number): ScoredPrediction[] {
  const random = new RandomStream(seed, 'fixture');
  return Array.from(
    { length: patients * 4 },
    (_, i): Pick<Prediction, 'patientKey' | 'label'> & ScoredPrediction => {
      const patient = Math.floor(i / 4);
      const label = patient % 3;
      const chosen = random.uniform() < right ? label : random.integer(3);
      const sure = random.uniform(0.45, 0.95);
      return {
        patientKey: `patient ${patient}`,
        label,
        probabilities: CLASSES.map((_name, k) => (k === chosen ? sure : (1 - sure) / 2)),
      };
    },
  );
}

const table = (seed: number, patients: number, quality: readonly number[]) =>
  evaluateModels({
    classes: CLASSES,
    replicates: 200,
    models: APPROACHES.map((approach, i) => ({
      name: `run ${i + 1}`,
      approach,
      predictions:
        approach === 'majority'
          ? predictions(seed, patients, 1).map((one) => ({ ...one, probabilities: [0.4, 0.3, 0.3] }))
          : predictions(seed + i, patients, quality[i]),
    })),
  });

const epochs = (phase: EpochMetrics['phase'], count: number): EpochMetrics[] =>
  Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    phase,
    trainLoss: 1.1 * 0.86 ** i,
    trainAccuracy: 1 - 0.6 * 0.9 ** i,
    trainF1: 1 - 0.62 * 0.9 ** i,
    validationLoss: 1.05 * 0.9 ** i + 0.004 * i * i,
    validationAccuracy: 0.88 - 0.5 * 0.85 ** i,
    validationAuc: null,
    validationBalancedAccuracy: null,
    validationF1: 0.87 - 0.5 * 0.85 ** i,
    learningRate: 3e-4,
    seconds: 2.1,
    imagesPerSecond: 66,
    best: i === 10,
  }));

/** A report as a middling study would give it. */
export function reportFixture(patients = 36): ReportModel {
  const config = trainingConfigSchema.parse({});
  const stages = ['stem', 'stage1', 'stage2', 'stage3', 'stage4', 'head'];
  const freezeMap = stages.flatMap((stage, s) =>
    ['conv', 'bn', 'relu', 'conv2', 'bn2', 'add'].map((kind, i) => ({
      stage,
      layer: `${stage}_${kind}`,
      kind: kind.startsWith('conv') ? 'conv2d' : kind.startsWith('bn') ? 'batchNormalization' : 'activation',
      outputShape: [64 >> s, 64 >> s, 32 << s],
      parameters: i === 2 || i === 5 ? 0 : 9216 * 4 ** s,
      trainable: s > 3,
    })),
  );
  const run = (id: number, approach: (typeof APPROACHES)[number]): ReportRun => {
    const learns = approach === 'scratch' || approach === 'fine-tuned';
    return {
      id,
      approach,
      config,
      epochs: learns ? epochs(approach === 'scratch' ? 'from-scratch' : 'fine-tuning', 15) : [],
      result: learns
        ? {
            classes: CLASSES,
            bestEpoch: 11,
            monitor: 'val_loss',
            bestValue: 0.42,
            stoppedEarly: true,
            cut: 'stage2',
            parameters: { total: 2_944_003, trainable: 2_200_000 },
            frozen: { before: 'ab12'.repeat(16), after: 'ab12'.repeat(16), unmoved: true },
            features: { bytes: 12_000_000, seconds: 6.9 },
            engine: 'ONNX Runtime 1.30.0, CPU, 2 threads',
            seconds: 41,
          }
        : null,
      freezeMap: approach === 'fine-tuned' ? freezeMap : [],
      diagnosis: learns
        ? 'Training and validation curves went down together; nothing needs to change.'
        : null,
    };
  };
  const count = (images: number) => ({
    images,
    patients: images / 4,
    classes: [images / 3, images / 3, images / 3].map(Math.round),
  });
  return {
    format: 1,
    title: 'Lung nodules, two hospitals: fine-tuning of the starter',
    createdAt: '2026-05-04T10:00:00.000Z',
    project: 'lung-nodules',
    data: {
      sources: [
        {
          name: 'hospital-a',
          images: 240,
          refused: [
            { name: 'not-dicom', count: 2 },
            { name: 'truncated', count: 1 },
          ],
        },
        { name: 'hospital-b', images: 240, refused: [] },
      ],
      acquisition: [
        {
          attribute: 'Manufacturer',
          values: [
            { name: 'North Imaging', count: 240 },
            { name: 'Southern Medical Systems', count: 240 },
          ],
        },
        {
          attribute: 'TransferSyntaxUID',
          values: [
            { name: '1.2.840.10008.1.2.1', count: 200 },
            { name: '1.2.840.10008.1.2.4.80', count: 160 },
            { name: '1.2.840.10008.1.2.5', count: 120 },
          ],
        },
        {
          attribute: 'PatientSex',
          values: [
            { name: 'F', count: 250 },
            { name: 'M', count: 230 },
          ],
        },
      ],
      warnings: ['test: 1 image left out, an exact copy of a training image.'],
    },
    preprocessing: {
      height: 128,
      width: 128,
      channels: 3,
      intensity: { kind: 'voi' },
      resize: 'letterbox',
      frames: 'middle',
    },
    split: {
      classes: CLASSES,
      options: {
        seed: 7,
        fractions: { train: 0.55, validation: 0.15, test: 0.3 },
        predefined: false,
        evaluationSets: {},
      },
      hash: 'c0ffee12'.repeat(8),
      counts: { train: count(132), validation: count(36), test: count(72), 'hospital-b': count(240) },
      leftOut: {},
    },
    model: {
      name: 'starter',
      title: 'Starter: small residual network, pre-trained by Graft on drawn images',
      weights: null,
      continued: null,
      sourceTask: 'shapes and textures drawn from a seed',
      licence: 'Apache-2.0',
      inputSize: 128,
      sha256: '0123abcd'.repeat(8),
    },
    runs: APPROACHES.map((approach, i) => run(i + 1, approach)),
    results: [
      {
        setName: 'test',
        description: 'Held-out test patients',
        openings: 1,
        table: table(1, patients, [0, 0.5, 0.6, 0.85]),
        withCopies: table(21, patients + 1, [0, 0.5, 0.6, 0.85]),
        excluded: [{ name: 'duplicate-of-training', count: 4 }],
      },
      {
        setName: 'hospital-b',
        description: 'External set hospital-b',
        openings: 2,
        table: table(9, 60, [0, 0.35, 0.45, 0.6]),
        withCopies: null,
        excluded: [],
      },
    ],
    exported: {
      path: 'models/run-4.onnx',
      sha256: '99aa'.repeat(16),
      bytes: 11_800_000,
      largestDifference: 4.2e-7,
      imagesCompared: 64,
      exportedAt: '2026-05-04T09:59:00.000Z',
    },
    environment: {
      graft: '0.1.0',
      node: '24.21.0',
      platform: 'linux-x64',
      cpu: 'An ordinary processor',
      cores: 2,
      packages: { 'onnxruntime-node': '1.30.0', '@tensorflow/tfjs-core': '4.22.0' },
    },
    seeds: [
      { name: 'split', value: 7 },
      { name: 'training', value: 7 },
      { name: 'bootstrap', value: 7 },
    ],
    limitations: [
      'Labels were taken as given; their quality was not assessed.',
      'One training of each approach was made, with one seed.',
    ],
  };
}
