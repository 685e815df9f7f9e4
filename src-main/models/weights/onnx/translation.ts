import { GraftError } from '../../../contract/errors.ts';
import type { ForeignLayer } from '../../graph/foreign-layer.ts';
import { type LayerOperation, shapeAfter } from '../../network.ts';
import { transpose } from '../match/lay-out.ts';
import type { NumberArray, OnnxArrays } from './arrays.ts';
import type { OnnxNode, OnnxTensor } from './messages.ts';

/** Stands for a batch of any size in arithmetic with shapes: a prime that no extent is. */
export const BATCH = 1_000_003;

/**
 * What a layer gives, under the axes that ONNX counts. Graft's tensors lie otherwise: images with their channels last, and transposed or
 * flattened only when a layer needs it. Each of ONNX's axes is a list of the layer's own, 0 for the batch, which flattened in that order
 * are it; an empty list is an axis of 1.
 */
export interface Activation {
  layer: string;
  axes: readonly (readonly number[])[];
}

/** Numbers that are the same for each image: arrays of the file, and what follows from them and from shapes. */
export interface Constant {
  shape: readonly number[];
  values: () => ArrayLike<number>;
  /** Whether they are whole numbers, which are divided without a rest. */
  whole: boolean;
  /** The array's name in the file where it is one of the file's own, and may be learned further. */
  learned: string | null;
}

export type Value = Activation | Constant;
export const isConstant = (value: Value): value is Constant => 'values' in value;

/** Numbers as float32, without a copy where they are so already. */
export const floats = (values: ArrayLike<number>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values);

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

/** A graph on its way to layers of Graft's. */
export class Translation {
  readonly layers: ForeignLayer[] = [];
  readonly weights = new Map<string, Float32Array>();
  readonly values = new Map<string, Value>();
  /** How often each value is taken. */
  readonly users: ReadonlyMap<string, number>;
  readonly opset: number;
  /** The batch's extent in the file's shapes: `BATCH` where any will do. */
  readonly batch: number;
  readonly #shapes = new Map<string, readonly number[]>();
  readonly #byName = new Map<string, ForeignLayer>();
  /** The value that a layer gives, by the layer's name. */
  readonly #madeBy = new Map<string, string>();
  readonly #file: string;
  readonly #arrays: OnnxArrays;
  readonly #laidOut: Map<string, Float32Array>;
  #node: OnnxNode | null = null;

  constructor(
    file: string,
    arrays: OnnxArrays,
    laidOut: Map<string, Float32Array>,
    opset: number,
    batch: number,
    users: ReadonlyMap<string, number>,
  ) {
    this.#file = file;
    this.#arrays = arrays;
    this.#laidOut = laidOut;
    this.opset = opset;
    this.batch = batch;
    this.users = users;
  }

  /** The node whose layers come now; they are called after it. */
  begin(node: OnnxNode): void {
    this.#node = node;
  }

  open(tensor: OnnxTensor): NumberArray {
    return this.#arrays.open(tensor);
  }

  unsupported(found: string): GraftError {
    const { operator = '', name = '' } = this.#node ?? {};
    const where =
      operator === '' ? found : `${operator} with ${found}${name === '' ? '' : ` (${name.slice(0, 80)})`}`;
    return new GraftError(
      'graph-unsupported',
      `Expected a network of operators that Graft has, found ${where} in ${this.#file}. Export the network in another way, or choose its weights in another format.`,
    );
  }

  // ---- Layers

  /** Shape of what a layer gives, without the batch. */
  shapeOf(layer: string): readonly number[] {
    return this.#shapes.get(layer)!;
  }

  layer(name: string): ForeignLayer {
    return this.#byName.get(name)!;
  }

  /** Adds a layer that is called after the node at work, and `suffix`. */
  add(operation: LayerOperation, inputs: readonly string[], suffix = ''): string {
    const { outputs = [] } = this.#node ?? {};
    const base = this.#node ? nameOf(this.#node) : 'input';
    let free = `${base}${suffix}`;
    for (let count = 2; this.#byName.has(free); count++) free = `${base}${suffix}_${count}`;
    const layer: ForeignLayer = { ...operation, name: free, inputs };
    this.layers.push(layer);
    if (outputs[0]) this.#madeBy.set(free, outputs[0]);
    this.#byName.set(free, layer);
    this.#shapes.set(
      free,
      shapeAfter(
        layer,
        inputs.map((input) => this.shapeOf(input)),
      ),
    );
    return free;
  }

  /** The image, `[height, width, channels]`. */
  addInput(shape: readonly number[]): string {
    this.layers.push({ kind: 'input', config: {}, name: 'input', inputs: [] });
    this.#byName.set('input', this.layers[0]);
    this.#shapes.set('input', shape);
    return 'input';
  }

  /** Gives a layer its array; one that was laid out before, for images of another size, as it is. */
  weigh(layer: string, weight: string, make: () => ArrayLike<number>): void {
    const name = `${layer}/${weight}`;
    const known = this.#laidOut.get(name) ?? floats(make());
    this.#laidOut.set(name, known);
    this.weights.set(name, known);
  }

  /** Whether a value is what a layer gives and nothing else takes it: then it may become a part of what follows. */
  isOwn(value: string, layer: string): boolean {
    return this.#madeBy.get(layer) === value && this.users.get(value) === 1;
  }

  /** Replaces a layer's settings: what follows it has become a part of it. */
  reset(name: string, config: ForeignLayer['config']): void {
    Object.assign(this.layer(name), { config });
  }

  // ---- Values

  value(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw this.unsupported(`an input that nothing gives (${name.slice(0, 80)})`);
    return value;
  }

  /** Extents under ONNX's axes, the batch as `batch`. */
  shape(value: Value): number[] {
    if (isConstant(value)) return [...value.shape];
    const own = this.shapeOf(value.layer);
    return value.axes.map((list) =>
      list.reduce((size, axis) => size * (axis === 0 ? this.batch : own[axis - 1]), 1),
    );
  }

  /** Where the batch is among ONNX's axes. */
  batchAxis({ axes }: Activation): number {
    return axes.findIndex((list) => list.includes(0));
  }

  /** Numbers that a node takes as such: where, how many, how far. */
  numbers(name: string): number[] {
    const value = this.value(name);
    if (isConstant(value)) return Array.from(value.values());
    throw this.unsupported(`${name.slice(0, 60)} computed from the image`);
  }

  activation(name: string): Activation {
    const value = this.value(name);
    if (isConstant(value)) throw this.unsupported('a constant in place of what comes from the image');
    return value;
  }

  /**
   * The same with the batch along another axis, where the file was written for single images: there it is of extent 1, and as well
   * in one place as in another.
   *
   * @param axis where it is wanted
   */
  withBatchAt(value: Activation, axis: number): Activation {
    if (this.batch !== 1 || this.batchAxis(value) === axis) return value;
    const axes = value.axes.map((list, at) => [
      ...(at === axis ? [0] : []),
      ...list.filter((one) => one !== 0),
    ]);
    return { ...value, axes };
  }

  /** The same with the batch along another axis than these, where it can be. */
  withBatchOff(value: Activation, axes: readonly number[]): Activation {
    if (!axes.includes(this.batchAxis(value))) return value;
    const free = value.axes.findIndex((_, at) => !axes.includes(at));
    return free < 0 ? value : this.withBatchAt(value, free);
  }

  // ---- Arrangement

  /**
   * The layer's own axes in groups, each flattened to one; an empty group is an axis of 1. What no group names has to be 1.
   *
   * @returns a layer of that shape
   */
  arrange({ layer }: Activation, groups: readonly (readonly number[])[]): string {
    const own = this.shapeOf(layer);
    const wanted = groups.flat();
    if (wanted.includes(0)) throw this.unsupported('images of a batch mixed with one another');
    const left = own.map((_, at) => at + 1).filter((axis) => !wanted.includes(axis));
    if (left.some((axis) => own[axis - 1] !== 1)) throw this.unsupported('an axis that is left over');
    const order = [...wanted, ...left];
    const long = order.filter((axis) => own[axis - 1] !== 1);
    const sorted = long.every((axis, at) => at === 0 || axis > long[at - 1]);
    const source = sorted
      ? layer
      : this.add({ kind: 'permute', config: { dims: order } }, [layer], '_permute');
    const axes = sorted ? own.map((_, at) => at + 1) : order;
    const extents = groups.map((group) => sizeOf(group.map((axis) => own[axis - 1])));
    return this.#reshapeTo(source, axes, groups, extents);
  }

  #reshapeTo(
    source: string,
    axes: readonly number[],
    groups: readonly (readonly number[])[],
    extents: readonly number[],
  ): string {
    const now = this.shapeOf(source);
    if (now.length === extents.length && now.every((extent, at) => extent === extents[at])) return source;
    // An extent that is copied, or what is left, does not bind the network to the size of its images.
    let same = true;
    const shape: number[] = groups.map((group, at) => {
      same &&= group.length === 1 && group[0] === axes[at];
      return same ? 0 : extents[at];
    });
    const merged = groups.findIndex((group, at) => shape[at] !== 0 && group.length > 1);
    if (merged >= 0) shape[merged] = -1;
    return this.add({ kind: 'reshape', config: { shape } }, [source], '_reshape');
  }

  /** One of the layer's axes for each of these of ONNX's, the batch aside. */
  inOrder(value: Activation, onnxAxes: readonly number[]): string {
    return this.arrange(
      value,
      onnxAxes.map((axis) => value.axes[axis]),
    );
  }

  /** Images `[height, width, channels]`, of ONNX's `[batch, channels, height, width]`. */
  image(given: Activation): string {
    const value = this.withBatchAt(given, 0);
    if (value.axes.length !== 4 || this.batchAxis(value) !== 0)
      throw this.unsupported(`images of ${value.axes.length} axes`);
    return this.inOrder(value, [2, 3, 1]);
  }

  /** What a layer of images gives. */
  setImage(name: string, layer: string): void {
    this.values.set(name, { layer, axes: [[0], [3], [1], [2]] });
  }

  /** Whatever it is with one of its own axes for each of ONNX's, in ONNX's order. */
  canonical(value: Activation): Activation {
    const at = this.batchAxis(value);
    const others = value.axes.map((_, axis) => axis).filter((axis) => axis !== at);
    const layer = this.inOrder(value, others);
    return { layer, axes: value.axes.map((_, axis) => (axis === at ? [0] : [1 + others.indexOf(axis)])) };
  }

  /** One axis of ONNX's as one axis of the layer's own, 1-based. */
  single(given: Activation, axis: number): { value: Activation; own: number } {
    const value = this.withBatchOff(given, [axis]);
    const list = value.axes[axis];
    if (list.length === 1 && list[0] !== 0) return { value, own: list[0] };
    if (list.includes(0)) throw this.unsupported('images of a batch mixed with one another');
    // The parts come together where the last of them lies, and all others stay.
    const last = Math.max(0, ...list);
    const groups: (readonly number[])[] = [];
    const places = new Map<number, number>();
    this.shapeOf(value.layer).forEach((_, at) => {
      if (list.includes(at + 1) && at + 1 !== last) return;
      groups.push(at + 1 === last ? list : [at + 1]);
      places.set(at + 1, groups.length);
    });
    if (list.length === 0) groups.push([]);
    const own = list.length === 0 ? groups.length : places.get(last)!;
    const axes = value.axes.map((one, at) =>
      at === axis ? [own] : one.map((part) => (part === 0 ? 0 : places.get(part)!)),
    );
    return { value: { layer: this.arrange(value, groups), axes }, own };
  }

  /** With more axes of 1 before, as broadcasting counts them. */
  widened(value: Activation, rank: number): Activation {
    return { ...value, axes: [...Array.from({ length: rank - value.axes.length }, () => []), ...value.axes] };
  }

  /** A constant as a layer that goes together with an activation, axis by axis: where it is 1 it is repeated; of any extent along `free`. */
  weightLike(constant: Constant, like: Activation, suffix: string, free = -1): string {
    const rank = like.axes.length;
    if (constant.shape.length > rank) throw this.unsupported(`an array of ${constant.shape.length} axes`);
    const extents = [...Array.from({ length: rank - constant.shape.length }, () => 1), ...constant.shape];
    const own = this.shapeOf(like.layer);
    // Each axis of ONNX's as the axes that it is made of, or as many of 1.
    const parts: { own: number; extent: number }[] = [];
    like.axes.forEach((list, axis) => {
      const inner = list.filter((one) => one !== 0);
      const whole = sizeOf(inner.map((one) => own[one - 1]));
      if (
        axis !== free &&
        extents[axis] !== 1 &&
        (extents[axis] !== whole || (list.includes(0) && this.batch !== 1))
      )
        throw this.unsupported(`an array of [${constant.shape.join(', ')}] where it does not fit`);
      for (const one of inner)
        parts.push({
          own: one,
          extent: axis === free ? extents[axis] : extents[axis] === 1 ? 1 : own[one - 1],
        });
    });
    const shape = own.map((_, at) => parts.find((part) => part.own === at + 1)?.extent ?? 1);
    const from = parts.map(({ extent }) => extent);
    const order = own.map((_, at) => parts.findIndex((part) => part.own === at + 1)).filter((at) => at >= 0);
    const layer = this.add(
      { kind: 'weight', config: { shape, learns: constant.learned !== null } },
      [],
      suffix,
    );
    this.weigh(layer, 'weight', () => transpose(floats(constant.values()), from, order));
    return layer;
  }

  /** An activation arranged axis by axis as another, of any extent along `free`. */
  layerLike(given: Activation, like: Activation, free = -1): string {
    const value = this.withBatchAt(given, this.batchAxis(like));
    if (this.batchAxis(value) !== this.batchAxis(like)) throw this.unsupported('batches along unlike axes');
    const own = this.shapeOf(value.layer);
    const others = this.shapeOf(like.layer);
    const groups: number[][] = others.map(() => []);
    for (const [axis, list] of value.axes.entries()) {
      const mine = list.filter((one) => one !== 0);
      const theirs = like.axes[axis].filter((one) => one !== 0);
      const fits =
        mine.length === theirs.length &&
        (axis === free ||
          mine.every((one, at) => own[one - 1] === others[theirs[at] - 1] || own[one - 1] === 1));
      if (fits) mine.forEach((one, at) => groups[theirs[at] - 1].push(one));
      else if (mine.some((one) => own[one - 1] !== 1)) throw new Unlike();
    }
    return this.arrange(value, groups);
  }
}

/** Two activations whose axes are made of unlike parts. */
export class Unlike extends Error {}

/** Arrays whose names exporters made up: constants, or weights that were changed for good. */
export const MADE_UP = /^(onnx::|val_|_val_|const_|_const|\/)|^\d+$|Constant/;
const WEIGHT = /[./](weight|kernel|depthwise_kernel)(_quantized)?$/;

/**
 * What a layer is called: as the weights are that it takes, where these kept their names; else after the node, whose path repeats the
 * modules around it (`/layer1/layer1.0/conv1/Conv`).
 */
function nameOf({ name, operator, inputs, outputs }: OnnxNode): string {
  const weight = inputs.find((input) => WEIGHT.test(input) && !MADE_UP.test(input));
  if (weight !== undefined) return weight.replace(WEIGHT, '');
  if (name === '') return outputs[0] ? `${operator}_${outputs[0]}` : operator;
  const parts = name
    .replace(/^node_/, '')
    .split('/')
    .filter(Boolean);
  const kept = parts.filter((part, at) => !parts[at + 1]?.startsWith(`${part}.`));
  const last = kept.at(-1);
  return (kept.length > 1 && last?.replace(/_\d+$/, '') === operator ? kept.slice(0, -1) : kept).join('.');
}
