import type { KernelSize, Padding } from '../../../network.ts';
import { type ForeignBuilder, type Numbers, unsupportedGraph } from '../../foreign-builder.ts';
import { kerasActivation } from './activations.ts';
import type { FindArrays, LayerPlace } from './layer-arrays.ts';

/** One call of a layer, with what it is called on: names of layers of the builder, and numbers. */
export interface LayerCall {
  name: string;
  className: string;
  settings: Settings;
  inputs: readonly string[];
  operands: readonly (string | number)[];
  place: LayerPlace;
}

/** What translating layers needs besides. */
export interface Translation {
  builder: ForeignBuilder;
  arrays: FindArrays;
  /** Of Keras, as the file says. */
  version: string;
}

export type Translate = (call: LayerCall, translation: Translation) => string;

/** A layer's configuration, whose entries are what a file says: looked at before they are used. */
export class Settings {
  readonly #config: Record<string, unknown>;
  readonly #layer: string;
  readonly #file: string;

  constructor(config: Record<string, unknown>, layer: string, file: string) {
    this.#config = config;
    this.#layer = layer;
    this.#file = file;
  }

  get(name: string): unknown {
    return Object.hasOwn(this.#config, name) ? this.#config[name] : undefined;
  }

  number(name: string, otherwise?: number): number {
    const value = this.get(name) ?? otherwise;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.wrong(name);
  }

  /** A whole number above 0. */
  count(name: string, otherwise?: number): number {
    const value = this.number(name, otherwise);
    if (Number.isSafeInteger(value) && value > 0 && value <= MOST) return value;
    throw this.wrong(name);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name) ?? otherwise;
    if (typeof value === 'boolean') return value;
    throw this.wrong(name);
  }

  text(name: string, otherwise: string): string {
    const value = this.get(name) ?? otherwise;
    if (typeof value === 'string') return value;
    throw this.wrong(name);
  }

  /** Whole numbers. */
  list(name: string): number[] {
    const value = this.get(name);
    if (Array.isArray(value) && value.length <= 8 && value.every((item) => Number.isSafeInteger(item)))
      return value as number[];
    throw this.wrong(name);
  }

  /** `[height, width]`, or one number for both. */
  pair(name: string, otherwise?: number): readonly [number, number] {
    const value = this.get(name) ?? otherwise;
    const both: unknown[] = typeof value === 'number' ? [value, value] : Array.isArray(value) ? value : [];
    const sound = (item: unknown): item is number =>
      Number.isSafeInteger(item) && (item as number) > 0 && (item as number) <= MOST;
    const [down, right] = both;
    if (both.length === 2 && sound(down) && sound(right)) return [down, right];
    throw this.wrong(name);
  }

  /** One number where both are the same: as Graft's own networks have it. */
  size(name: string, otherwise?: number): KernelSize {
    const [down, right] = this.pair(name, otherwise);
    return down === right ? down : [down, right];
  }

  padding(): Padding {
    const value = this.text('padding', 'valid').toLowerCase();
    if (value === 'same' || value === 'valid') return value;
    throw this.wrong('padding');
  }

  /** Channels have to come last. */
  channelsLast(): void {
    if (this.text('data_format', 'channels_last') !== 'channels_last')
      throw unsupportedGraph(this.#file, `channels before pixels in the layer ${this.#layer}`);
  }

  /** Any setting that changes what a layer does, and that Graft does not have. */
  only(name: string, usual: unknown): void {
    const value = this.get(name) ?? usual;
    if (value !== usual) throw this.wrong(name);
  }

  wrong(name: string): Error {
    const value = JSON.stringify(this.get(name)) ?? 'nothing';
    return unsupportedGraph(
      this.#file,
      `${name} = ${value.length > 60 ? `${value.slice(0, 60)}…` : value} in the layer ${this.#layer}`,
    );
  }
}

const MOST = 1_000_000;

/** Adds what a layer's `activation` says, behind it. */
export function activated(
  { name, settings }: LayerCall,
  { builder, version }: Translation,
  output: string,
): string {
  const config = kerasActivation(settings.get('activation'), version);
  if (config === null) throw settings.wrong('activation');
  if (config.activation === 'linear') return output;
  return builder.add(`${name}_${config.activation}`, { kind: 'activation', config }, [output]);
}

/** By name, for `ForeignBuilder.add`. */
export const named = (names: readonly string[], arrays: readonly Numbers[]): Record<string, Numbers> =>
  Object.fromEntries(names.map((name, at) => [name, arrays[at]]));

export const filled = (shape: readonly number[], value: number): Numbers => ({
  shape,
  data: new Float32Array(shape.reduce((size, extent) => size * extent, 1)).fill(value),
});
