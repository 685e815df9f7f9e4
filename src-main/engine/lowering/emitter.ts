import { type GraphNode, type NodeType, sizeOf } from '../graph/node.ts';
import type { Attribute, OnnxConstant, OnnxElement, OnnxNode } from '../onnx/model.ts';

/** Where a graph is meant to run, as far as the choice of operators goes. */
export interface Target {
  /**
   * Channels per block of ONNX Runtime's own convolution layout (NCHWc): 16 or 8, found by a probe; 0 where the
   * provider has none. Blocked convolutions run two to three times as fast on small maps.
   */
  block: number;
  /** Bytes that one gathering of what a filter's taps see may take before the batch is cut. Default 256 MiB. */
  mostAtOnce?: number;
  /** Whether operators of `com.microsoft` may be used. A file for others has none. */
  contrib: boolean;
}

/**
 * How a rank-4 image tensor lies in memory: as TF.js has it (NHWC), channels first (NCHW), or channels first in blocks
 * (NCHWc: `[N, C/block, H, W, block]`, given to ONNX Runtime under the shape `[N, C, H, W]`).
 */
export type Form = 'plain' | 'nchw' | 'blocked';

const MICROSOFT = 'com.microsoft';
export const NCHWC = 'com.microsoft.nchwc';

/** Collects the ONNX nodes and constants of a graph, and remembers in which forms each value exists. */
export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly target: Target;
  readonly #forms = new Map<GraphNode, Map<Form, string>>();
  readonly #native = new Map<GraphNode, Form>();
  readonly #constantNames = new Map<string, string>();
  readonly #reshapes = new Map<string, string>();
  readonly #freeBatch: number | undefined;
  readonly #isConstantWeight: (name: string) => boolean;
  readonly #constancy = new Map<GraphNode, boolean>();
  #count = 0;

  /** `freeBatch`: the batch size of the trace, when the graph is to take any. */
  constructor(target: Target, isConstantWeight: (name: string) => boolean, freeBatch?: number) {
    this.target = target;
    this.#isConstantWeight = isConstantWeight;
    this.#freeBatch = freeBatch;
  }

  // ---- Nodes and constants

  name(): string {
    return `v${this.#count++}`;
  }

  /** Appends a node and returns the name of its first output. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): string {
    return this.emitMany(op, inputs, 1, attributes, domain)[0];
  }

  emitMany(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.name());
    this.nodes.push({ op, inputs, outputs: names, attributes, domain });
    return names;
  }

  nchwc(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.emit(op, inputs, attributes, NCHWC);
  }

  constant(type: OnnxElement, shape: readonly number[], data: Uint8Array): string {
    const key = data.byteLength <= 256 ? `${type}[${shape}]${data}` : '';
    const known = key && this.#constantNames.get(key);
    if (known) return known;
    const name = `c${this.constants.length}`;
    this.constants.push({ name, type, shape, data });
    if (key) this.#constantNames.set(key, name);
    return name;
  }

  /** A constant that several nodes need, made once. */
  once(key: string, make: () => string): string {
    let name = this.#constantNames.get(key);
    if (!name) this.#constantNames.set(key, (name = make()));
    return name;
  }

  /** A list of int64, as axes, shapes and bounds are given. */
  integers(values: readonly number[]): string {
    return this.constant('int64', [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  scalar(value: number, dtype: NodeType = 'float32'): string {
    if (dtype === 'float32')
      return this.constant('float32', [], new Uint8Array(Float32Array.of(value).buffer));
    if (dtype === 'int32') return this.constant('int32', [], new Uint8Array(Int32Array.of(value).buffer));
    return this.constant('bool', [], Uint8Array.of(value));
  }

  /** Reshaping costs nothing in ONNX Runtime: it renames the buffer. */
  reshape(value: string, shape: readonly number[]): string {
    const key = `${value}[${shape}]`;
    let name = this.#reshapes.get(key);
    if (!name) {
      name = this.emit('Reshape', [value, this.integers(this.#freely(shape))]);
      this.#reshapes.set(key, name);
    }
    return name;
  }

  /** Extents with −1 for the one that holds the free batch, alone or times something that was merged into it. */
  #freely(shape: readonly number[]): number[] {
    const batch = this.#freeBatch;
    if (batch === undefined) return [...shape];
    const at = shape[0] > 0 && shape[0] % batch === 0 ? 0 : shape.indexOf(batch);
    return shape.map((extent, axis) => (axis === at ? -1 : extent));
  }

  transpose(value: string, perm: readonly number[]): string {
    return this.emit('Transpose', [value], { perm });
  }

  /** Gives a value the name of an output; what is one already, or no node's result, passes through an Identity. */
  output(value: string, name: string): string {
    this.nodes.push({ op: 'Identity', inputs: [value], outputs: [name] });
    return name;
  }

  slice(
    value: string,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
    axes = begin.map((_, i) => i),
  ): string {
    return this.emit('Slice', [
      value,
      this.integers(begin),
      this.integers(end),
      this.integers(axes),
      this.integers(strides),
    ]);
  }

  pad(value: string, before: readonly number[], after: readonly number[], fill: string): string {
    return this.emit('Pad', [value, this.integers([...before, ...after]), fill], { mode: 'constant' });
  }

  /** `a · b` over the last two axes, either side transposed; leading axes broadcast. */
  matMul(
    a: string,
    b: string,
    options: { transposeA?: boolean; transposeB?: boolean; rankA: number; rankB: number },
  ): string {
    const { transposeA = false, transposeB = false, rankA, rankB } = options;
    if (!transposeA && !transposeB) return this.emit('MatMul', [a, b]);
    if (this.target.contrib) {
      return this.emit(
        'FusedMatMul',
        [a, b],
        { transA: Number(transposeA), transB: Number(transposeB) },
        MICROSOFT,
      );
    }
    return this.emit('MatMul', [
      transposeA ? this.transpose(a, swapLast(rankA)) : a,
      transposeB ? this.transpose(b, swapLast(rankB)) : b,
    ]);
  }

  // ---- Forms of image tensors

  /** Records that `node` now exists as `value` in a form; the first one given is its native form. */
  define(node: GraphNode, form: Form, value: string): void {
    const forms = this.#forms.get(node) ?? new Map<Form, string>();
    forms.set(form, value);
    this.#forms.set(node, forms);
    if (!this.#native.has(node)) this.#native.set(node, form);
  }

  has(node: GraphNode): boolean {
    return this.#forms.has(node);
  }

  /** Whether a node depends on constants alone, so that ONNX Runtime computes it once, when it opens the graph. */
  isConstant(node: GraphNode): boolean {
    let known = this.#constancy.get(node);
    if (known === undefined) {
      known =
        node.op === 'constant' ||
        (node.op === 'parameter'
          ? this.#isConstantWeight(node.attributes.name as string)
          : node.op !== 'input' && node.inputs.every((input) => this.isConstant(input)));
      this.#constancy.set(node, known);
    }
    return known;
  }

  native(node: GraphNode): Form {
    return this.#native.get(node) ?? 'plain';
  }

  /** Whether an image tensor can be blocked: whole blocks of channels only. */
  blockable(node: { shape: readonly number[]; dtype: NodeType }): boolean {
    const { block } = this.target;
    return block > 0 && node.shape.length === 4 && node.dtype === 'float32' && node.shape[3] % block === 0;
  }

  /** The form in which convolutions like a tensor. */
  convolutionForm(node: { shape: readonly number[]; dtype: NodeType }): Form {
    return this.blockable(node) ? 'blocked' : 'nchw';
  }

  /** The name of `node`'s value in a form, converted (once) if need be. */
  value(node: GraphNode, form: Form = 'plain'): string {
    if (node.op === 'constant' && !this.has(node)) this.define(node, 'plain', this.#emitConstant(node));
    const forms = this.#forms.get(node);
    if (!forms) throw new Error(`The node ${node.op} has not been lowered yet.`);
    const known = forms.get(form);
    if (known) return known;
    const converted =
      node.dtype === 'float32' ? this.#convert(node, forms, form) : this.#convertOther(node, forms, form);
    forms.set(form, converted);
    return converted;
  }

  /** ONNX Runtime reorders float32 only: masks and indices make the journey as such. */
  #convertOther(node: GraphNode, forms: Map<Form, string>, form: Form): string {
    const floats = new Map(
      [...forms].map(([known, value]) => [known, this.emit('Cast', [value], { to: 1 })]),
    );
    return this.emit('Cast', [this.#convert(node, floats, form)], { to: node.dtype === 'bool' ? 9 : 6 });
  }

  #convert(node: GraphNode, forms: Map<Form, string>, form: Form): string {
    const channels = node.shape[3];
    const blocked = forms.get('blocked');
    const nchw = forms.get('nchw');
    const plain = forms.get('plain');
    if (form === 'blocked') {
      if (nchw) return this.nchwc('ReorderInput', [nchw]);
      return this.nchwc('ReorderInput', [plain!], { channels_last: 1 });
    }
    if (form === 'nchw') {
      if (blocked) return this.nchwc('ReorderOutput', [blocked], { channels });
      return this.transpose(plain!, [0, 3, 1, 2]);
    }
    if (blocked) return this.nchwc('ReorderOutput', [blocked], { channels, channels_last: 1 });
    return this.transpose(nchw!, [0, 2, 3, 1]);
  }

  #emitConstant(node: GraphNode): string {
    const data = node.data!;
    const size = sizeOf(node.shape);
    if (data.length === 1 && node.shape.length === 0) return this.scalar(data[0], node.dtype);
    if (data.length === 1 && size > 16) {
      const type = node.dtype;
      const one = this.reshape(this.scalar(data[0], type), [1]);
      return this.emit('Expand', [one, this.integers(node.shape)]);
    }
    const whole =
      data.length === size
        ? data
        : (data.constructor as Float32ArrayConstructor).from({ length: size }, () => data[0]);
    return this.constant(
      node.dtype,
      node.shape,
      new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength),
    );
  }
}

const swapLast = (rank: number): number[] => [
  ...Array.from({ length: rank - 2 }, (_, i) => i),
  rank - 1,
  rank - 2,
];
