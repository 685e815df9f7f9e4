import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';

/** How fast a model looked at images on this machine, measured and not estimated. */
export interface ModelSpeed {
  /** Images per second through the whole network, forward only, at `size`². */
  imagesPerSecond: number;
  size: number;
  measuredAt: string;
}

/** A network to start from. */
export interface ModelChoice {
  name: string;
  title: string;
  inputSize: number;
  parameters: number;
  multiplyAdds: number;
  /** Whether pre-trained weights are at hand: shipped with Graft, or added to this project. */
  pretrained: boolean;
  sourceTask: string | null;
  licence: string;
  stages: string[];
  /** What speaks for and against it on this project's images; facts only. */
  fit: { tone: 'good' | 'warn' | 'plain'; text: string }[];
  speed: ModelSpeed | null;
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
  sha256: string;
  addedAt: string;
  parameters: number;
}

export interface ModelLibrary {
  library: ModelChoice[];
  added: AddedModel[];
}

export const modelCalls = {
  'models.list': call(z.null()).returns<ModelLibrary>(),
  /** Runs one model on this machine for a few seconds; the result is kept with the person's settings. */
  'models.measure': call(z.object({ name: z.string() })).returns<Job>(),
  /** Copies a saved model (its folder, or `model.json` in it) into the project. */
  'models.add': call(
    z.object({
      path: z.string().min(1).max(4096),
      title: z.string().trim().min(1).max(120),
      source: z.string().trim().max(300).default(''),
      licence: z.string().trim().max(120).default(''),
    }),
  ).returns<AddedModel>(),
  'models.remove': call(z.object({ id: z.string().regex(/^[\w.-]+$/) })).returns<null>(),
} satisfies CallTable;
