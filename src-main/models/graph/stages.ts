import type { Shapes } from '../network.ts';
import type { ForeignLayer } from './foreign-layer.ts';

/** As few stages as a freeze map is of use with. */
const FEWEST = 5;

/** A backbone, in an order of layers, and what its stages are judged by. */
interface Backbone {
  layers: readonly ForeignLayer[];
  /** Where it can be cut, its last layer among them. */
  points: readonly number[];
  shapes: Shapes;
  /** Numbers that a layer's weights hold. */
  weights: (layer: ForeignLayer) => number;
}

/**
 * Cuts a backbone into a handful of stages, `stem`, `stage1`, `stage2` …: one for each resolution, pooling with the stage before it. The
 * stem ends where the first residual or dense block begins. Networks of one resolution, as transformers are, are cut into parts of
 * like weight.
 *
 * @returns the last layer's place of each stage, in order
 */
export function cutIntoStages(backbone: Backbone): number[] {
  const { points } = backbone;
  const last = points[points.length - 1];
  let ends = [...byResolution(backbone), last];
  const stem = stemEnd(backbone, ends[0]);
  if (stem !== null) ends = [stem, ...ends];
  while (ends.length < FEWEST) {
    const split = splitHeaviest(backbone, ends);
    if (split === null) break;
    ends = [...ends, split].sort((a, b) => a - b);
  }
  return ends;
}

const weigh = ({ layers, weights }: Backbone, from: number, to: number): number =>
  layers.slice(from, to + 1).reduce((sum, layer) => sum + weights(layer), 0);

/** The last place of each resolution but the lowest. */
function byResolution(backbone: Backbone): number[] {
  const { layers, points, shapes } = backbone;
  const sideAt = (at: number): number => {
    const shape = shapes.get(layers[at].name)!;
    return Math.sqrt(shape.slice(0, -1).reduce((area, extent) => area * extent, 1));
  };
  const whole = sideAt(0);
  let octave = 0;
  const octaves = points.map((at) => (octave = Math.max(octave, Math.round(Math.log2(whole / sideAt(at))))));
  const ends: number[] = [];
  points.forEach((_, index) => {
    if (index === points.length - 1 || octaves[index + 1] === octaves[index]) return;
    const end = pastPooling(backbone, index);
    const before = ends.at(-1) ?? -1;
    // What has no weights is no stage: it stands with what follows.
    if (end > before && weigh(backbone, before + 1, end) > 0 && weigh(backbone, end + 1, layers.length) > 0)
      ends.push(end);
  });
  return ends;
}

/** Layers without weights that follow belong to the stage before them. */
function pastPooling(backbone: Backbone, index: number): number {
  const { points } = backbone;
  let at = index;
  while (at + 2 < points.length && weigh(backbone, points[at] + 1, points[at + 1]) === 0) at++;
  return points[at];
}

/** Where the first block begins whose end joins what was parted; null where a stem of its own would leave no stage after it. */
function stemEnd(backbone: Backbone, firstEnd: number): number | null {
  const { layers, points } = backbone;
  const starts = blockStarts(backbone).filter((at) => at < firstEnd);
  if (starts.length < 2) return null;
  const [end] = starts;
  return weigh(backbone, 0, end) > 0 &&
    weigh(backbone, end + 1, firstEnd) > 0 &&
    points.includes(end) &&
    layers.length > end
    ? end
    : null;
}

/** Places after which a block begins: residual or dense, with a sum or a joining of channels at its end. */
function blockStarts({ layers, points }: Backbone): number[] {
  return points.slice(0, -1).filter((at, index) => {
    const end = points[index + 1];
    const joins = layers[end].kind === 'add' || layers[end].kind === 'concatenate';
    return joins && layers.slice(at + 1, end).filter(({ kind }) => kind !== 'weight').length > 0;
  });
}

/** What layers that belong together begin with, where there are no blocks: what follows it goes with it. */
const STARTS: ReadonlySet<string> = new Set([
  'conv2d',
  'depthwiseConv2d',
  'dense',
  'zeroPadding2d',
  'layerNormalization',
]);

/** The place nearest to the middle of the heaviest stage, between blocks where it has any; null where none can be parted. */
function splitHeaviest(backbone: Backbone, ends: readonly number[]): number | null {
  const { points } = backbone;
  const blocks = new Set(blockStarts(backbone));
  const stages = ends.map((to, at) => ({ from: at === 0 ? 0 : ends[at - 1] + 1, to }));
  const heaviest = stages
    .map((stage) => ({ ...stage, weight: weigh(backbone, stage.from, stage.to) }))
    .sort((a, b) => b.weight - a.weight);
  for (const { from, to, weight } of heaviest) {
    const inside = points.filter((at) => at >= from && at < to);
    const between = inside.filter((at) => blocks.has(at));
    const parts = inside.filter((at) => STARTS.has(backbone.layers[at + 1].kind));
    const halves = (between.length > 0 ? between : parts)
      .map((at) => ({ at, first: weigh(backbone, from, at) }))
      .filter(({ first }) => first > 0 && first < weight)
      .sort((a, b) => Math.abs(a.first - weight / 2) - Math.abs(b.first - weight / 2));
    if (halves.length > 0) return halves[0].at;
  }
  return null;
}
