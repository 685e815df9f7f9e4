import type { LayerOperation } from '../network.ts';

/** A layer that a file describes, before Graft cuts the network into stages. */
export type ForeignLayer = LayerOperation & { name: string; inputs: readonly string[] };

/** A network that a file describes: any order of layers, any names, one input and one output. */
export interface ForeignGraph {
  /** What the network is called. */
  name: string;
  /** `[height, width, channels]`. */
  inputShape: readonly [number, number, number];
  /** Its input among them. Layers that the output does not need may be there. */
  layers: readonly ForeignLayer[];
  /** The layer whose output is the network's. */
  output: string;
  /** By `layer/weight`, laid out as `parameterSpecs` says. */
  weights: ReadonlyMap<string, Float32Array>;
}
