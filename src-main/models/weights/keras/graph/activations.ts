import type { Activation } from '../../../network.ts';

const PLAIN: Record<string, Activation> = {
  linear: { activation: 'linear' },
  relu: { activation: 'relu' },
  relu6: { activation: 'relu6' },
  sigmoid: { activation: 'sigmoid' },
  tanh: { activation: 'tanh' },
  swish: { activation: 'swish' },
  silu: { activation: 'swish' },
  softmax: { activation: 'softmax' },
  gelu: { activation: 'gelu' },
  mish: { activation: 'mish' },
  selu: { activation: 'selu' },
  softplus: { activation: 'softplus' },
  softsign: { activation: 'softsign' },
  elu: { activation: 'elu', alpha: 1 },
  leaky_relu: { activation: 'leakyRelu', alpha: 0.2 },
};

/** Keras 3 has another slope than those before it, and than TensorFlow.js. */
const HARD = { old: { alpha: 0.2, beta: 0.5 }, new: { alpha: 1 / 6, beta: 0.5 } };

/**
 * An activation by Keras's name of it.
 *
 * @param version of Keras that wrote it: "2.15.0"
 * @returns null for one that Graft does not have
 */
export function kerasActivation(value: unknown, version: string): Activation | null {
  if (value === null || value === undefined) return PLAIN.linear;
  const name = nameOf(value);
  if (name === null) return null;
  if (name === 'hard_sigmoid')
    return { activation: 'hardSigmoid', ...(version.startsWith('3') ? HARD.new : HARD.old) };
  if (name === 'hard_swish' || name === 'hard_silu') return { activation: 'hardSwish', ...HARD.new };
  return Object.hasOwn(PLAIN, name) ? PLAIN[name] : null;
}

/** A name, or an object that Keras wrote for a function of its own. */
function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const { class_name: className, config } = value as { class_name?: unknown; config?: unknown };
  return className === 'function' && typeof config === 'string' ? config : null;
}
