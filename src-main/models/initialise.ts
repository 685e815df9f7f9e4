import { Parameters, sizeOf } from '../engine/index.ts';
import { RandomStream } from '../platform/random.ts';
import { type Network, parameterSpecs, type ParameterSpec } from './network.ts';

/** Where GeM's power starts in its paper. */
const GENERALIZED_MEAN = 3;
/** Cosines lie between −1 and 1; this lets a softmax over them be sure of something. */
const LOGIT_SCALE = 10;

/**
 * Fresh weights: He normal for convolutions (He et al. 2015), Glorot uniform for dense layers, 1 and 0 for
 * normalisation, 0 for biases. Each weight has its own stream of the seed, so that a layer's start does not depend
 * on what else the network has.
 *
 * @param given layers whose weights somebody else brings: they are 0 until then, since drawing millions of numbers takes longer than
 * reading them. Default none.
 */
export function initialiseParameters(
  network: Network,
  seed: number,
  given: ReadonlySet<string> = new Set(),
): Parameters {
  const parameters = new Parameters();
  for (const spec of parameterSpecs(network)) {
    const values = given.has(spec.layer) ? undefined : initialValues(spec, seed);
    parameters.add(spec.name, spec.shape, values);
  }
  return parameters;
}

/** What one weight starts with. */
export function initialValues({ name, weight, shape }: ParameterSpec, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const stream = new RandomStream(seed, 'initialise', name);
  if (weight === 'power') return values.fill(GENERALIZED_MEAN);
  if (weight === 'logit_scale') return values.fill(LOGIT_SCALE);
  if (weight === 'gamma' || weight === 'moving_variance') return values.fill(1);
  if (weight === 'kernel' && shape.length === 2) {
    const limit = Math.sqrt(6 / (shape[0] + shape[1]));
    return values.map(() => stream.uniform(-limit, limit));
  }
  if (weight === 'kernel' || weight === 'depthwise_kernel') {
    const fanIn = shape[0] * shape[1] * (weight === 'kernel' ? shape[2] : 1);
    const deviation = Math.sqrt(2 / fanIn);
    return values.map(() => stream.normal(0, deviation));
  }
  return values;
}
