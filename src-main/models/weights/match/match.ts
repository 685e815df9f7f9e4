import { GraftError } from '../../../contract/errors.ts';
import { type ModelCard, modelCards } from '../../library.ts';
import { HEAD_STAGE, type Network, parameterSpecs, type ParameterSpec, type Variant } from '../../network.ts';
import { withHead } from '../../builder.ts';
import type { FileTensor, WeightFile } from '../weight-file.ts';
import { standingBetween } from './between.ts';
import { kerasNamings } from './keras-names.ts';
import { sameShape, torchOrders } from './lay-out.ts';
import type { Naming } from './naming.ts';
import { torchNamings } from './torch-names.ts';

/** One weight of a network and the array of a file that it comes from. */
export interface MatchedTensor {
  spec: ParameterSpec;
  tensor: FileTensor;
  /** For each axis of the weight, the array's; null where they are the same. */
  order: readonly number[] | null;
}

/** How the arrays of a file fit a network. */
export interface WeightMatch {
  card: ModelCard;
  variant: Variant;
  /** Whose names they are, in words: "Keras", "torchvision or timm". */
  naming: string;
  /** Sized to the file: channels of its first convolution, classes of its last layer (2 where it has none that fits). */
  network: Network;
  matched: MatchedTensor[];
  /** Weights of the backbone that the file lacks or has in another shape. */
  missing: ParameterSpec[];
  /** Whether the last layer is the file's. */
  hasHead: boolean;
  /** Arrays of the file that nothing wants. */
  unmatched: string[];
  /** What names of the file are put together with. */
  separator: Naming['separator'];
}

/** What counts batches in PyTorch's normalisation is not a weight. */
const COUNTERS = /(^|\.)num_batches_tracked$/;

/**
 * Finds the network of the library whose weights a file holds, by names and shapes. A file of a deeper network of the kind, or of one with more in each
 * block, holds all of these as well: it is refused unless a person says which network is wanted.
 *
 * @param wanted name of the architecture, where the person knows it
 * @throws GraftError `weights-unmatched` naming the nearest network and what differs, `model-unknown`
 */
export function matchWeights(file: WeightFile, wanted?: string): WeightMatch {
  const cards = modelCards().filter(({ name }) => wanted === undefined || name === wanted);
  const best = cards
    .flatMap((card) => candidates(file, card))
    // All of a small network is also in a larger one of its kind: more is better among those that are whole.
    .sort((a, b) => share(b) - share(a) || b.matched.length - a.matched.length)
    .at(0);
  if (best && best.missing.length === 0) {
    if (wanted !== undefined) return best;
    const between = betweenThoseOf(file, best);
    if (between.length === 0) return best;
    throw another(best, between);
  }
  throw unmatched(file, best);
}

const share = ({ matched, missing }: WeightMatch): number =>
  matched.length / (matched.length + missing.length);

function candidates(file: WeightFile, card: ModelCard): WeightMatch[] {
  const torch = file.family === 'pytorch';
  const variant = torch ? 'torchvision' : 'keras';
  const network = networkOf(card, card.channels, variant);
  const namings = torch ? torchNamings(card.name) : kerasNamings(network, file);
  const first = parameterSpecs(network)[0].layer;
  return namings.flatMap((naming) =>
    prefixes(file, naming.layer(first), naming.separator).map((prefix) =>
      fit(file, card, naming.variant ?? variant, naming, finder(file, naming, prefix)),
    ),
  );
}

type Find = (spec: ParameterSpec) => MatchedTensor | undefined;

const finder =
  (file: WeightFile, naming: Naming, prefix: string): Find =>
  (spec) => {
    const layer = naming.layer(spec.layer);
    if (layer === null) return undefined;
    for (const weight of naming.weights(spec)) {
      const tensor = file.tensors.get(`${prefix}${layer}${naming.separator}${weight}`);
      if (tensor) return { spec, tensor, order: file.family === 'pytorch' ? orderOf(spec) : null };
    }
    return undefined;
  };

const orderOf = ({ weight, shape }: ParameterSpec): readonly number[] | null =>
  torchOrders[`${weight}${shape.length}`] ?? null;

const networkOf = (card: ModelCard, channels: number, variant: Variant): Network =>
  card.architecture([card.inputSize, card.inputSize, channels], 2, variant);

/** What stands before a layer's name in the file, such as `module.`: everything before where that layer is found. */
function prefixes(file: WeightFile, layer: string | null, separator: '.' | '/'): string[] {
  if (layer === null) return [];
  const found = new Set<string>();
  for (const name of file.tensors.keys()) {
    const at = `${separator}${name}`.indexOf(`${separator}${layer}${separator}`);
    if (at >= 0) found.add(name.slice(0, at));
  }
  // Without any the network is not in there; the nearest one is still to be named.
  return found.size === 0 ? [''] : [...found].slice(0, 8);
}

function fit(file: WeightFile, card: ModelCard, variant: Variant, naming: Naming, find: Find): WeightMatch {
  const channels = inputChannels(card, variant, find);
  const plain = networkOf(card, channels, variant);
  const classes = classesIn(plain, find);
  const network = classes === null ? plain : withHead(plain, classes, headNames(plain));
  const stages = new Map(network.layers.map(({ name, stage }) => [name, stage]));
  const matched: MatchedTensor[] = [];
  const missing: ParameterSpec[] = [];
  for (const spec of parameterSpecs(network)) {
    const found = find(spec);
    const head = stages.get(spec.layer) === HEAD_STAGE;
    if (found && fits(found)) matched.push(found);
    else if (!head) missing.push(spec);
  }
  const used = new Set(matched.map(({ tensor }) => tensor.name));
  return {
    card,
    variant,
    naming: naming.source,
    network,
    matched,
    missing,
    hasHead: classes !== null,
    unmatched: [...file.tensors.values()]
      .filter(({ name }) => !used.has(name) && !COUNTERS.test(name))
      .map(({ name }) => name),
    separator: naming.separator,
  };
}

const fits = ({ spec, tensor, order }: MatchedTensor): boolean =>
  sameShape(order ? { shape: order.map((axis) => tensor.shape[axis]) } : tensor, spec.shape) &&
  tensor.shape.length === spec.shape.length;

/** Networks for X-rays often have one channel where their namesakes have three. */
function inputChannels(card: ModelCard, variant: Variant, find: Find): number {
  const [first] = parameterSpecs(networkOf(card, card.channels, variant));
  const found = find(first);
  if (!found || found.tensor.shape.length !== 4) return card.channels;
  const channels = found.order ? found.tensor.shape[found.order[2]] : found.tensor.shape[2];
  return channels === 1 ? 1 : card.channels;
}

/** Classes of the file's last layer, when it is one dense layer on pooled features. */
function classesIn(network: Network, find: Find): number | null {
  const kernel = parameterSpecs(network).findLast(({ weight }) => weight === 'kernel')!;
  const found = find(kernel);
  if (!found || found.tensor.shape.length !== 2) return null;
  const [into, out] = found.order ? found.order.map((axis) => found.tensor.shape[axis]) : found.tensor.shape;
  return into === kernel.shape[0] && out >= 1 && out <= 100_000 ? out : null;
}

/** Names of the pool and of the last layer, which networks call differently. */
function headNames({ layers }: Network): { poolName: string; name: string } {
  return { poolName: layers[layers.length - 2].name, name: layers[layers.length - 1].name };
}

function betweenThoseOf(
  file: WeightFile,
  { network, matched, unmatched: left, separator }: WeightMatch,
): string[] {
  const stages = new Map(network.layers.map(({ name, stage }) => [name, stage]));
  const used = matched.filter(({ spec }) => stages.get(spec.layer) !== HEAD_STAGE);
  const unused = new Set(left);
  return standingBetween(
    separator,
    used.map(({ tensor }) => tensor.name),
    [...file.tensors.values()].filter(({ name }) => unused.has(name)),
  );
}

function another({ card }: WeightMatch, [first, ...more]: readonly string[]): GraftError {
  return new GraftError(
    'weights-unmatched',
    `Expected weights of ${card.title}, the nearest network that Graft knows, and nothing between them; found ${more.length + 1} more there, the first ${first}: it is another network, which would not be the same without them. Choose weights of ${card.title}, or a file that describes its network (ONNX, Keras); graft models add --as ${card.name} leaves them out.`,
  );
}

function unmatched(file: WeightFile, best: WeightMatch | undefined): GraftError {
  const count = file.tensors.size;
  if (!best || best.matched.length === 0) {
    const some = [...file.tensors.keys()].slice(0, 3).join(', ');
    return new GraftError(
      'weights-unmatched',
      `Expected weights of a network that Graft knows (${modelCards()
        .map(({ name }) => name)
        .join(
          ', ',
        )}), found ${count} arrays with other names (${some}). Choose weights of one of these networks.`,
    );
  }
  const { card, matched, missing } = best;
  const [first] = missing;
  return new GraftError(
    'weights-unmatched',
    `Expected all weights of a network that Graft knows, found ${matched.length} of ${matched.length + missing.length} of ${card.title}, the nearest; the first that is missing or of another shape is ${first.name} [${first.shape.join(', ')}]. Choose weights of that very network.`,
  );
}
