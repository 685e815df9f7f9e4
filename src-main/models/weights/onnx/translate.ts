import { basename } from 'node:path';
import { GraftError } from '../../../contract/errors.ts';
import type { ForeignGraph } from '../../graph/foreign-layer.ts';
import type { ByteFile } from '../byte-file.ts';
import type { NumberArray, OnnxArrays } from './arrays.ts';
import { foldConstants } from './constants.ts';
import type { OnnxModelFile, OnnxNode, OnnxValueInfo } from './messages.ts';
import { operators } from './operators/index.ts';
import { BATCH, isConstant, MADE_UP, Translation } from './translation.ts';

interface OnnxSource {
  file: ByteFile;
  model: OnnxModelFile;
  initializers: ReadonlyMap<string, NumberArray>;
  arrays: OnnxArrays;
  /** Arrays as Graft has them, by layer and weight: kept from one reading to the next. */
  laidOut: Map<string, Float32Array>;
  /** Inputs that no array gives. */
  images: readonly OnnxValueInfo[];
}

/**
 * The graph of an ONNX file as layers of Graft's, for images of one size: channels last, arrays laid out so.
 *
 * @throws GraftError `graph-unsupported` with every operator that Graft does not have, `weights-file`
 */
export function translateOnnx(source: OnnxSource, [height, width]: readonly [number, number]): ForeignGraph {
  const { model, initializers, images, file } = source;
  const name = basename(file.path);
  refuseUnknown(name, model);
  const { channels, last, batch } = imageOf(name, images);
  const [output] = model.outputs;
  if (!output) throw refused(name, 'no output');
  const t = new Translation(name, source.arrays, source.laidOut, model.opset, batch ?? BATCH, usersOf(model));
  for (const [array, { shape, whole, read }] of initializers) {
    let values: ArrayLike<number> | null = null;
    const learned = whole || MADE_UP.test(array) ? null : array;
    t.values.set(array, { shape, values: () => (values ??= read()), whole, learned });
  }
  const inputShape = [height, width, channels] as const;
  const image = t.addInput(inputShape);
  t.values.set(images[0].name, { layer: image, axes: last ? [[0], [1], [2], [3]] : [[0], [3], [1], [2]] });
  for (const node of neededNodes(name, model, output.name)) {
    t.begin(node);
    if (!foldConstants(t, node)) operators[node.operator](t, node);
  }
  const result = t.value(output.name);
  if (isConstant(result)) throw refused(name, 'an output that does not depend on the image');
  const axes = result.axes.map((_, axis) => axis).filter((axis) => axis !== t.batchAxis(result));
  return {
    name,
    inputShape,
    layers: t.layers,
    output: result.axes.length === 4 ? t.image(result) : t.inOrder(result, axes),
    weights: t.weights,
  };
}

/** Before anything is translated: one sentence with all that is missing. */
function refuseUnknown(name: string, { nodes }: OnnxModelFile): void {
  const missing = new Set(
    nodes
      .filter(
        ({ operator, domain }) =>
          !Object.hasOwn(operators, operator) || (domain !== '' && domain !== 'ai.onnx'),
      )
      .map(({ operator, domain }) =>
        domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`,
      ),
  );
  if (missing.size === 0) return;
  const list = [...missing].sort();
  const shown = list.slice(0, 8).map((one) => one.slice(0, 40));
  throw new GraftError(
    'graph-unsupported',
    `Expected a network of operators that Graft has, found ${shown.join(', ')}${list.length > 8 ? ` and ${list.length - 8} more` : ''} in ${name}. Export the network in another way, or choose its weights in another format.`,
  );
}

/** What is known of the image; channels last where a file says so by its extents (networks of TensorFlow). */
function imageOf(
  name: string,
  images: readonly OnnxValueInfo[],
): { channels: number; last: boolean; batch: number | null } {
  if (images.length !== 1) throw refused(name, `${images.length} inputs`);
  const { shape } = images[0];
  if (shape?.length !== 4)
    throw refused(name, `an input of ${shape ? `${shape.length} axes` : 'unknown shape'}`);
  const last = hasLastChannels(shape);
  const channels = shape[last ? 3 : 1];
  if (channels === null || channels > 1024) throw refused(name, 'an input whose channels are not stated');
  return { channels, last, batch: shape[0] };
}

const FEW = 4;
/** Images have few channels and many rows. */
export const hasLastChannels = (shape: readonly (number | null)[]): boolean =>
  (shape[3] ?? Infinity) <= FEW && (shape[1] ?? Infinity) > FEW;

/** Nodes in the file's order, without those that the output does not need. */
function neededNodes(name: string, { nodes }: OnnxModelFile, output: string): OnnxNode[] {
  const needed = new Set([output]);
  const kept: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((each) => needed.has(each))) continue;
    if ([...node.attributes.values()].some(({ graph }) => graph))
      throw refused(name, `${node.operator}, a graph within the graph`);
    kept.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return kept.reverse();
}

function usersOf({ nodes, outputs }: OnnxModelFile): Map<string, number> {
  const users = new Map<string, number>();
  const taken = [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)];
  for (const each of taken) users.set(each, (users.get(each) ?? 0) + 1);
  return users;
}

const refused = (name: string, found: string): GraftError =>
  new GraftError(
    'graph-unsupported',
    `Expected an ONNX network from one image to one output, found ${found} in ${name}. Export the network again for that.`,
  );
