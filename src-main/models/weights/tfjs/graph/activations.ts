import type { Activation } from '../../../network.ts';

const PLAIN: Record<string, Activation> = {
  Relu: { activation: 'relu' },
  Relu6: { activation: 'relu6' },
  Sigmoid: { activation: 'sigmoid' },
  Tanh: { activation: 'tanh' },
  Softmax: { activation: 'softmax' },
  Selu: { activation: 'selu' },
  Softplus: { activation: 'softplus' },
  Softsign: { activation: 'softsign' },
  Elu: { activation: 'elu', alpha: 1 },
  // What TensorFlow puts into a convolution in place of several operations.
  _FusedHardSwish: { activation: 'hardSwish', alpha: 1 / 6, beta: 0.5 },
  _FusedSwish: { activation: 'swish' },
  GeluExact: { activation: 'gelu' },
  GeluApproximate: { activation: 'geluTanh' },
};

/** An activation by TensorFlow's name of its operation; null for another operation. */
export function activationOf(op: string, alpha: number): Activation | null {
  if (op === 'LeakyRelu') return { activation: 'leakyRelu', alpha };
  return Object.hasOwn(PLAIN, op) ? PLAIN[op] : null;
}
