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
  for (const { name, shape } of parameterSpecs(network))
    parameters.add(name, shape).data.set(formulaValues(name, shape));
  return parameters;
}

/** A weight by its name, `layer/weight`: `values` of make_references.py. */
export function formulaValues(name: string, shape: readonly number[]): Float32Array {
  const weight = name.slice(name.lastIndexOf('/') + 1);
  const u = units(name, sizeOf(shape));
  if (weight === 'gamma') return Float32Array.from(u, (value) => 0.6 + 0.4 * value);
  if (weight === 'moving_variance') return Float32Array.from(u, (value) => 0.5 + value);
  const limit = limitOf(weight, shape);
  return Float32Array.from(u, (value) => (2 * value - 1) * limit);
}

function limitOf(weight: string, shape: readonly number[]): number {
  if (weight === 'kernel') return Math.sqrt(6 / sizeOf(shape.slice(0, -1)));
  if (weight === 'depthwise_kernel') return Math.sqrt(6 / sizeOf(shape.slice(0, 2)));
  return 0.1;
}
