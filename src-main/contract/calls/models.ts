import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import type { ModelCost } from '../cost.ts';
import type { Job } from '../job.ts';
import type { StoredRanking } from '../ranking.ts';
import {
  type Lineage,
  selfSupervisedMethods,
  type UnfinishedPretraining,
  type UnlabelledFacts,
} from '../self-supervision.ts';
import { weightOptions, type WeightReport } from '../weights.ts';

/** A network to start from. */
export interface ModelChoice {
  name: string;
  title: string;
  inputSize: number;
  parameters: number;
  multiplyAdds: number;
  /** Whether pre-trained weights come with Graft. */
  pretrained: boolean;
  sourceTask: string | null;
  licence: string;
  stages: string[];
  /** What speaks for and against it on this project's images; facts only. */
  fit: { tone: 'good' | 'warn' | 'plain'; text: string }[];
  /** Of a training with it on this machine, under the current plan; null where it was not measured. */
  cost: ModelCost | null;
}

/** Weights that a person added to this project. */
export interface AddedModel {
  /** Folder name under the project's `models`; what `initial` is made from. */
  id: string;
  /** Absolute path, as `TrainingSettings.initial` takes it. */
  folder: string;
  /** The network that it is, by its name in the library where it has one. */
  modelName: string;
  title: string;
  licence: string;
  source: string;
  /** What they were trained for; empty where nobody said. */
  sourceTask: string;
  /** Of the file that was read, or of the weights of a model that Graft saved. */
  sha256: string;
  addedAt: string;
  parameters: number;
  /** What became of a file of another framework; null for a model that Graft saved. */
  report: WeightReport | null;
  /** Of a model that was continued on this project's own images without labels; null for others. */
  lineage: Lineage | null;
}

export interface ModelLibrary {
  library: ModelChoice[];
  added: AddedModel[];
  /** Pre-trainings without labels that were stopped, or are going on. */
  unfinished: UnfinishedPretraining[];
}

const weightsPath = z.string().min(1).max(4096);

export const modelCalls = {
  'models.list': call(z.null()).returns<ModelLibrary>(),
  /** Runs some training steps of one model, under the current plan; what they took is kept with the person's settings. */
  'models.measure': call(z.object({ name: z.string() })).returns<Job>(),
  /** Ranks all models with weights on the project's images, as the plan prepares and splits them; the job's result is a `ModelRanking`. */
  'models.rank': call(z.object({ random: z.boolean().default(false) })).returns<Job>(),
  /** The last ranking, and what trainings since say of it; null where there was none. */
  'models.ranking': call(z.null()).returns<StoredRanking | null>(),
  /** Looks at a weights file and says which network it is of; null for a model that Graft saved. Nothing is kept. */
  'models.inspect': call(
    z.object({ path: weightsPath, options: weightOptions.prefault({}) }),
  ).returns<WeightReport | null>(),
  /** Brings weights into the project: a file of PyTorch, Keras, TensorFlow.js or safetensors, or the folder of a model. */
  'models.add': call(
    z.object({
      path: weightsPath,
      title: z.string().trim().min(1).max(120),
      source: z.string().trim().max(300).default(''),
      licence: z.string().trim().max(120).default(''),
      sourceTask: z.string().trim().max(300).default(''),
      options: weightOptions.prefault({}),
    }),
  ).returns<AddedModel>(),
  /** What a pre-training without labels would look at: all images, or those of some datasets. */
  'models.unlabelled': call(
    z.object({ datasets: z.array(z.string()).nullable().default(null) }),
  ).returns<UnlabelledFacts>(),
  /** Continues a model on the project's images without their labels, and adds what comes of it. */
  'models.pretrain': call(
    z.object({
      /** A name in the library, or the id of an added model. */
      from: z.string().min(1),
      title: z.string().trim().max(120).default(''),
      method: z.enum(selfSupervisedMethods),
      /** One of both. */
      minutes: z.number().positive().max(100_000).nullable().default(null),
      epochs: z.number().int().min(1).max(10_000).nullable().default(null),
      size: z.int().min(16).max(1024),
      freezeUntil: z.string().nullable().default(null),
      datasets: z.array(z.string()).min(1).nullable().default(null),
    }),
  ).returns<Job>(),
  /** Goes on with one that was stopped. */
  'models.resumePretraining': call(z.object({ id: z.int().positive() })).returns<Job>(),
  'models.discardPretraining': call(z.object({ id: z.int().positive() })).returns<null>(),
  'models.remove': call(z.object({ id: z.string().regex(/^[\w.-]+$/) })).returns<null>(),
} satisfies CallTable;
