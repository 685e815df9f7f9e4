import { basename, dirname } from 'node:path';
import { GraftError } from '../../contract/errors.ts';
import type { ForeignGraph, ForeignLayer } from '../graph/foreign-layer.ts';
import { type LayerOperation, shapeAfter, specsOf } from '../network.ts';

/** Numbers and their shape. */
export interface Numbers {
  shape: readonly number[];
  data: Float32Array;
}

/** More than any network has; a file could ask for more without end. */
const MOST_LAYERS = 50_000;

/**
 * Gathers the layers of a network that a file describes. Shapes are known as layers come, and each array is held to the shape that
 * its layer needs.
 */
export class ForeignBuilder {
  /** The file, as sentences call it. */
  readonly file: string;
  readonly #inputShape: readonly [number, number, number];
  readonly #layers: ForeignLayer[] = [];
  readonly #weights = new Map<string, Float32Array>();
  readonly #shapes = new Map<string, readonly number[]>();

  constructor(file: string, inputShape: readonly [number, number, number]) {
    this.file = file;
    this.#inputShape = inputShape;
  }

  /** @returns the name of the layer that the image comes in by */
  input(name: string): string {
    if (this.#layers.length > 0) throw this.unsupported('several inputs');
    return this.#push(name, { kind: 'input', config: {} }, []);
  }

  /**
   * @param arrays by the last part of the weight's name
   * @returns the layer's name: another one where that was taken
   */
  add(
    name: string,
    operation: LayerOperation,
    inputs: readonly string[],
    arrays: Readonly<Record<string, Numbers>> = {},
  ): string {
    const free = this.#push(name, operation, inputs);
    for (const spec of specsOf({ ...operation, name: free, inputs }, this.#shapes)) {
      const found = Object.hasOwn(arrays, spec.weight) ? arrays[spec.weight] : undefined;
      if (found?.shape.join() !== spec.shape.join()) {
        throw new GraftError(
          'weights-file',
          `Expected ${spec.weight} of the layer ${name} of shape [${spec.shape.join(', ')}] in ${this.file}, found ${found ? `[${found.shape.join(', ')}]` : 'none'}. Copy or export the file again.`,
        );
      }
      this.#weights.set(spec.name, found.data);
    }
    return free;
  }

  /** An array of its own, the same for every image; a constant unless it learns. */
  array(name: string, { shape, data }: Numbers, learns = false): string {
    return this.add(name, { kind: 'weight', config: { shape, learns } }, [], { weight: { shape, data } });
  }

  /** Whether any layer so far has an array. */
  get hasWeights(): boolean {
    return this.#weights.size > 0;
  }

  /** Of a layer's output, without the batch. */
  shape(name: string): readonly number[] {
    return this.#shapes.get(name)!;
  }

  graph(name: string, output: string): ForeignGraph {
    return { name, inputShape: this.#inputShape, layers: this.#layers, output, weights: this.#weights };
  }

  /** The sentence for what Graft does not run. */
  unsupported(found: string): GraftError {
    return unsupportedGraph(this.file, found);
  }

  #push(name: string, operation: LayerOperation, inputs: readonly string[]): string {
    if (this.#layers.length >= MOST_LAYERS) throw this.unsupported('too many layers');
    let free = name;
    for (let count = 2; this.#shapes.has(free); count++) free = `${name}_${count}`;
    const shape =
      operation.kind === 'input'
        ? this.#inputShape
        : shapeAfter(
            operation,
            inputs.map((input) => this.shape(input)),
          );
    this.#shapes.set(free, shape);
    this.#layers.push({ ...operation, name: free, inputs });
    return free;
  }
}

/** What sentences call a file: `model.json` is called so in all models of TensorFlow.js, and its folder tells them apart. */
export const shownName = (path: string): string =>
  basename(path) === 'model.json' ? `${basename(dirname(path))}/model.json` : basename(path);

/** The sentence for a file with a network that Graft does not run. */
export const unsupportedGraph = (file: string, found: string): GraftError =>
  new GraftError(
    'graph-unsupported',
    `Expected a network of layers that Graft has in ${file}, found ${found}. Export the network without it, or choose another file.`,
  );
