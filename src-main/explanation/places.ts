import { type Layer, type Network, outputShapes } from '../models/index.ts';

/** Patches of an image in a row along one axis, row by row, with other tokens (of a class, say) before or after them. */
export interface Tokens {
  from: number;
  rows: number;
  columns: number;
}

/** What an axis of features means for the image: its rows, its columns, all of its patches, or nothing. */
export type AxisPlace = 'rows' | 'columns' | Tokens | null;

/** One for each axis, without the batch. */
export type Layout = readonly AxisPlace[];

type Shape = readonly number[];

/**
 * Which axis of each layer's output goes over the image, by layer name. Layers of graphs from elsewhere transpose, flatten and mix as they like: the
 * shape alone does not say where in the image a number comes from. What cannot be followed has no place; a sum with what has one has it again.
 */
export function layoutsOf(network: Network): ReadonlyMap<string, Layout> {
  const shapes = outputShapes(network);
  const layouts = new Map<string, Layout>();
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => ({ layout: layouts.get(name)!, shape: shapes.get(name)! }));
    layouts.set(layer.name, layoutAfter(layer, inputs, shapes.get(layer.name)!));
  }
  return layouts;
}

export const isTokens = (place: AxisPlace): place is Tokens => typeof place === 'object' && place !== null;

/** Whether features lie over the image: by rows and columns, or by patches. */
export const hasPlaces = (layout: Layout): boolean =>
  layout.some(isTokens) || (layout.includes('rows') && layout.includes('columns'));

interface Input {
  layout: Layout;
  shape: Shape;
}

function layoutAfter(layer: Layer, inputs: readonly Input[], output: Shape): Layout {
  const nowhere = output.map(() => null);
  if (layer.kind === 'input') return ['rows', 'columns', null];
  if (layer.kind === 'weight') return nowhere;
  const [{ layout, shape }] = inputs;
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'maxPooling2d':
    case 'averagePooling2d':
    case 'zeroPadding2d':
    case 'resize2d':
      return layout.some(isTokens) || layout[2] !== null ? nowhere : layout;
    case 'globalAveragePooling2d':
    case 'globalMaxPooling2d':
    case 'generalizedMeanPooling2d':
      return nowhere;
    case 'dense':
    case 'cosineDense':
      return layout.with(-1, null);
    case 'concatenate':
      return joinedLayout(
        inputs,
        layer.config.axis === undefined ? output.length - 1 : layer.config.axis - 1,
      );
    case 'reshape':
      return reshapedLayout(layout, shape, output);
    case 'permute':
      return layer.config.dims.map((axis) => layout[axis - 1]);
    case 'slice': {
      const { begin, end, strides } = layer.config;
      return layout.map((place, axis) =>
        slicedPlace(place, shape[axis], begin[axis], end[axis] ?? shape[axis], strides[axis]),
      );
    }
    case 'gather':
      return layout.with(layer.config.axis - 1, null);
    case 'reduce': {
      const { axes, keepDimensions } = layer.config;
      const left = layout.map((place, axis) => (axes.includes(axis + 1) ? null : place));
      return keepDimensions ? left : left.filter((_, axis) => !axes.includes(axis + 1));
    }
    case 'pad':
      return layout.map((place, axis) =>
        isTokens(place) ? { ...place, from: place.from + layer.config.before[axis] } : place,
      );
    case 'matMul': {
      const { transposeA = false, transposeB = false } = layer.config;
      const down = layout.at(transposeA ? -1 : -2)!;
      const across = inputs[1].layout.at(transposeB ? -2 : -1)!;
      // Of two that both go over patches, as in attention, neither is where something is.
      const both = down !== null && across !== null;
      return [...layout.slice(0, -2), both ? null : down, both ? null : across];
    }
    case 'add':
    case 'multiply':
    case 'subtract':
    case 'divide':
    case 'power':
    case 'maximum':
    case 'minimum':
      return sharedLayout(inputs, output);
    default:
      return layout;
  }
}

/** Of tensors that go together element by element: the place that any of them has. */
const sharedLayout = (inputs: readonly Input[], output: Shape): Layout =>
  output.map(
    (extent, axis) =>
      inputs.find(({ layout, shape }) => layout[axis] !== null && shape[axis] === extent)?.layout[axis] ??
      null,
  );

/** Along an axis with places only other tokens may come before and after the patches. */
function joinedLayout(inputs: readonly Input[], joined: number): Layout {
  const shared = sharedLayout(inputs, inputs[0].shape.with(joined, -1));
  const having = inputs.flatMap(({ layout }, at) => (layout[joined] === null ? [] : [at]));
  const place = having.length === 1 ? inputs[having[0]].layout[joined] : null;
  if (!isTokens(place)) return shared;
  const before = inputs.slice(0, having[0]).reduce((sum, { shape }) => sum + shape[joined], 0);
  return shared.with(joined, { ...place, from: place.from + before });
}

/** Every second row is still a row; half of the rows is another image. One row or column more or less moves nothing that can be seen. */
function slicedPlace(
  place: AxisPlace,
  extent: number,
  begin: number,
  end: number,
  stride: number,
): AxisPlace {
  if (place === null) return null;
  if (!isTokens(place)) return begin <= Math.max(1, stride - 1) && extent - end <= 1 ? place : null;
  const whole = stride === 1 && begin <= place.from && end >= place.from + place.rows * place.columns;
  return whole ? { ...place, from: place.from - begin } : null;
}

/** Axes that stay, rows and columns that become patches, and patches that become rows and columns again. */
function reshapedLayout(layout: Layout, from: Shape, to: Shape): Layout {
  const result: AxisPlace[] = to.map(() => null);
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    const [firstFrom, firstTo] = [i, j];
    let [before, after] = [from[i++], to[j++]];
    while (before !== after) {
      if (before < after) before *= from[i++];
      else after *= to[j++];
    }
    // Axes of 1 come and go.
    const old = range(firstFrom, i).filter((axis) => from[axis] > 1);
    const made = range(firstTo, j).filter((axis) => to[axis] > 1);
    const [first] = old.map((axis) => layout[axis]);
    if (old.length === 1 && made.length === 1) result[made[0]] = first;
    else if (old.length === 2 && made.length === 1 && first === 'rows' && layout[old[1]] === 'columns')
      result[made[0]] = { from: 0, rows: from[old[0]], columns: from[old[1]] };
    else if (old.length === 1 && made.length === 2 && isTokens(first)) {
      const whole = first.from === 0 && to[made[0]] === first.rows && to[made[1]] === first.columns;
      if (whole) [result[made[0]], result[made[1]]] = ['rows', 'columns'];
    }
  }
  return result;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/**
 * Layers on whose features in the image's places the answers depend. Behind the last attention of a transformer that reads a class token they
 * depend on that token alone: the gradient at the patches is nothing, and so would be a map.
 */
export function heardPlaces(network: Network, layouts: ReadonlyMap<string, Layout>): ReadonlySet<string> {
  const heard = new Map<string, { places: boolean; others: boolean }>();
  const of = (name: string): { places: boolean; others: boolean } => {
    if (!heard.has(name)) heard.set(name, { places: false, others: false });
    return heard.get(name)!;
  };
  const output = network.layers.at(-1)!;
  heard.set(output.name, { places: true, others: true });
  for (const layer of network.layers.toReversed()) {
    const own = of(layer.name);
    if (!own.places && !own.others) continue;
    for (const input of layer.inputs) {
      const into = of(input);
      const [before, after] = [layouts.get(input)!, layouts.get(layer.name)!];
      const follows = hasPlaces(before) && hasPlaces(after) && layer.kind !== 'matMul';
      into.places ||= follows ? own.places : !leavesPlacesOut(layer, before);
      into.others ||= follows ? own.others : true;
    }
  }
  return new Set([...heard].flatMap(([name, { places }]) => (places ? [name] : [])));
}

/** Whether a layer takes other tokens only. */
function leavesPlacesOut(layer: Layer, layout: Layout): boolean {
  const axis = layout.findIndex(isTokens);
  if (axis < 0) return false;
  const { from, rows, columns } = layout[axis] as Tokens;
  const isPatch = (at: number): boolean => at >= from && at < from + rows * columns;
  if (layer.kind === 'gather')
    return layer.config.axis === axis + 1 && !layer.config.indices.some((at) => isPatch(at));
  if (layer.kind !== 'slice') return false;
  const [begin, end] = [layer.config.begin[axis], layer.config.end[axis] ?? Infinity];
  return end <= from || begin >= from + rows * columns;
}
