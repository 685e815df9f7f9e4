import { type Network, parameterSpecs } from '../../../src-main/models/index.ts';
import { Parameters, sizeOf } from '../../../src-main/engine/index.ts';

/** Numbers in [0, 1) from a name: `units` of make_references.py. */
export function units(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + seed) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    numbers[i] = ((h ^ (h >>> 16)) >>> 8) / 2 ** 24;
  }
  return numbers;
}

/** A network's weights by the formula of make_references.py. */
export function formulaParameters(network: Network): Parameters {
  const parameters = new Parameters();
  for (const { name, weight, shape } of parameterSpecs(network)) {
    const u = units(name, sizeOf(shape));
    const { data } = parameters.add(name, shape);
    const [scale, offset] = range(weight, shape);
    for (let i = 0; i < u.length; i++)
      data[i] = scale === null ? (2 * u[i] - 1) * offset : offset + scale * u[i];
  }
  return parameters;
}

/** `[scale, offset]` of `offset + scale · u`, or `[null, limit]` of `(2u − 1) · limit`. */
function range(weight: string, shape: readonly number[]): [number | null, number] {
  switch (weight) {
    case 'kernel':
      return [null, Math.sqrt(6 / sizeOf(shape.slice(0, -1)))];
    case 'depthwise_kernel':
      return [null, Math.sqrt(6 / sizeOf(shape.slice(0, 2)))];
    case 'gamma':
      return [0.4, 0.8];
    case 'moving_variance':
      return [1, 0.5];
    default:
      return [null, 0.1];
  }
}
