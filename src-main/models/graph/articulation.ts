import type { ForeignLayer } from './foreign-layer.ts';

/**
 * Where a network can be cut: places in an order of layers after which one tensor alone is still needed, that of the layer
 * that stands there. (Articulation points of the graph between input and output.)
 */
export function articulationPoints(layers: readonly ForeignLayer[]): number[] {
  const place = new Map(layers.map(({ name }, at) => [name, at]));
  const lastUse = layers.map((_, at) => at);
  layers.forEach(({ inputs }, at) => {
    for (const input of inputs) lastUse[place.get(input)!] = at;
  });
  lastUse[layers.length - 1] = layers.length;
  const points: number[] = [];
  // What has come to its last use, by that place.
  const ends = new Uint32Array(layers.length + 1);
  let open = 0;
  layers.forEach((_, at) => {
    open -= ends[at];
    if (lastUse[at] > at) {
      open++;
      ends[lastUse[at]]++;
      if (open === 1) points.push(at);
    }
  });
  return points;
}
