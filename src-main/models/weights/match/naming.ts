import type { ParameterSpec, Variant } from '../../network.ts';

/** How somebody calls the weights of a network: what Graft (and Keras) calls them, to theirs. */
export interface Naming {
  /** Whose it is, in words. */
  source: string;
  /** Whose network these names belong to, where it is not the framework's of today. */
  variant?: Variant;
  /** What parts a layer's name from the weight's, and outer layers from inner ones. */
  separator: '.' | '/';
  /** Null for layers that they do not have. */
  layer(name: string): string | null;
  /** What a weight may be called, behind the layer's name. */
  weights(spec: ParameterSpec): readonly string[];
}
