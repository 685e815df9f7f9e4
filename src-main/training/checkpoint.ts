import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { EpochMetrics } from '../contract/training.ts';
import type { Parameters } from '../engine/index.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../models/index.ts';

/** Where a training stands after an epoch, apart from the arrays. Random streams are named, so none is stored. */
export interface TrainingState {
  /** Hash of all that decides the course of the training: one that differs cannot go on from here. */
  fingerprint: string;
  /** Index of the phase, and how many of its epochs are done. */
  phase: number;
  epochsOfPhase: number;
  /** Whether the phase is over, by its epochs or by early stopping. */
  phaseOver: boolean;
  /** Steps of the phase that are done. */
  steps: number;
  epochs: EpochMetrics[];
  bestEpoch: number;
  bestValue: number | null;
  /** Epochs of the phase since the best. */
  waited: number;
  /** What a plateau has taken from the learning rate of this phase, and the epochs since a better value. */
  plateau: number;
  plateauWaited: number;
  stoppedEarly: boolean;
  frozenBefore: string;
  /** Whether, in each phase that has ended, every weight that was not to learn in it stayed as it was. */
  phasesUnmoved: boolean;
}

/** Arrays by name. */
export type Arrays = ReadonlyMap<string, StoredTensor>;

export interface Checkpoint<State extends { fingerprint: string } = TrainingState> {
  state: State;
  /** Weights that change in training, as they are now, and as they were after the best epoch. */
  weights: Arrays;
  best: Arrays;
  optimizer: Arrays;
}

const fileOf = (runFolder: string): string => join(runFolder, 'checkpoint.safetensors');
const GROUPS = ['weights', 'best', 'optimizer'] as const;

/** Copies of the weights named. */
export function snapshot(parameters: Parameters, names: readonly string[]): Arrays {
  return new Map(
    names.map((name) => {
      const { shape, data } = parameters.get(name);
      return [name, { shape: [...shape], data: data.slice() }];
    }),
  );
}

/** Sets weights to what a snapshot holds. */
export function restore(parameters: Parameters, arrays: Arrays): void {
  for (const [name, { data }] of arrays) parameters.get(name).data.set(data);
}

/** One file, whole or not at all: weights, best weights, optimiser slots, and the state as metadata. */
export function writeCheckpoint<State extends { fingerprint: string }>(
  runFolder: string,
  checkpoint: Checkpoint<State>,
): void {
  const arrays = GROUPS.flatMap((group) =>
    [...checkpoint[group]].map(([name, { shape, data }]) => ({ name: `${group}:${name}`, shape, data })),
  );
  writeSafetensors(fileOf(runFolder), arrays, { metadata: { state: JSON.stringify(checkpoint.state) } });
}

/**
 * The run's checkpoint, or undefined when it has none.
 *
 * @throws GraftError `checkpoint-mismatch` when it belongs to another configuration, dataset or start
 */
export function readCheckpoint<State extends { fingerprint: string } = TrainingState>(
  runFolder: string,
  fingerprint: string,
): Checkpoint<State> | undefined {
  const path = fileOf(runFolder);
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = readSafetensors(path);
  const state = JSON.parse(metadata.state ?? '{}') as State;
  if (state.fingerprint !== fingerprint) {
    throw new GraftError(
      'checkpoint-mismatch',
      'Expected a checkpoint of the same configuration, images and starting weights, found one of others. Start a new run instead of resuming this one.',
    );
  }
  const group = (name: string): Arrays =>
    new Map(
      [...tensors]
        .filter(([key]) => key.startsWith(`${name}:`))
        .map(([key, tensor]) => [key.slice(name.length + 1), tensor]),
    );
  return { state, weights: group('weights'), best: group('best'), optimizer: group('optimizer') };
}

/** For when the result of a run is safely recorded, or the run starts anew. */
export function discardCheckpoint(runFolder: string): void {
  rmSync(fileOf(runFolder), { force: true });
}
