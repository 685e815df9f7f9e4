import { GraftError } from '../../contract/errors.ts';
import type { ForeignLayer } from './foreign-layer.ts';

/**
 * The layers that `output` needs, each after its inputs and otherwise as they stand. Arrays (and what is made of arrays alone)
 * come right before the first layer that takes them; a constant is given to each of its users as one of their own, so that
 * it stands in no way of a cut.
 *
 * @throws GraftError `network-broken` for a layer that is missing, or that needs itself
 */
export function orderLayers(
  name: string,
  layers: readonly ForeignLayer[],
  output: string,
): { layers: ForeignLayer[]; fromArrays: ReadonlySet<string> } {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const needed = sorted(name, byName, [output]);
  const fromArrays = new Set<string>();
  for (const layer of needed)
    if (layer.kind !== 'input' && layer.inputs.every((input) => fromArrays.has(input)))
      fromArrays.add(layer.name);
  const main = new Set(needed.map((layer) => layer.name));
  const place = new Map(layers.map((layer, at) => [layer.name, at]));
  const inOrder = sorted(
    name,
    byName,
    [...main].filter((each) => !fromArrays.has(each)).sort((a, b) => place.get(a)! - place.get(b)!),
  ).filter((layer) => !fromArrays.has(layer.name));

  const ordered: ForeignLayer[] = [];
  const placed = new Set<string>();
  const copies = new Map<string, number>();
  for (const layer of inOrder) {
    const inputs = layer.inputs.map((input) => {
      const source = byName.get(input)!;
      if (!fromArrays.has(input)) return input;
      if (source.kind === 'weight' && !source.config.learns) {
        const count = (copies.get(input) ?? 0) + 1;
        copies.set(input, count);
        const copy = count === 1 ? source : { ...source, name: `${input}#${count}` };
        ordered.push(copy);
        fromArrays.add(copy.name);
        return copy.name;
      }
      for (const each of sorted(name, byName, [input])) {
        if (placed.has(each.name)) continue;
        placed.add(each.name);
        ordered.push(each);
      }
      return input;
    });
    ordered.push({ ...layer, inputs });
  }
  return { layers: ordered, fromArrays };
}

/** The layers that some need, themselves among them, inputs first. Without recursion: graphs are thousands of layers deep. */
function sorted(
  network: string,
  byName: ReadonlyMap<string, ForeignLayer>,
  wanted: readonly string[],
): ForeignLayer[] {
  const result: ForeignLayer[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const stack = wanted.toReversed().map((name) => ({ name, leaving: false }));
  while (stack.length > 0) {
    const { name, leaving } = stack.pop()!;
    const layer = byName.get(name);
    if (!layer) throw broken(network, `the layer ${name} is missing`);
    if (leaving) {
      state.set(name, 'done');
      result.push(layer);
    } else if (state.get(name) === 'open') throw broken(network, `the layer ${name} needs its own output`);
    else if (!state.has(name)) {
      state.set(name, 'open');
      stack.push({ name, leaving: true });
      for (const input of layer.inputs.toReversed())
        if (state.get(input) !== 'done') stack.push({ name: input, leaving: false });
    }
  }
  return result;
}

const broken = (network: string, what: string): GraftError =>
  new GraftError(
    'network-broken',
    `Expected a whole network in ${network}, found that ${what}. Copy or export the file again.`,
  );
