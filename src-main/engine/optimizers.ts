import { GraftError } from '../contract/errors.ts';
import { Parameters } from './parameters.ts';

export const optimizerKinds = ['sgd', 'adam', 'adamw'] as const;

/**
 * How weights follow their gradients. `weightDecay` is decoupled from the gradient for `adamw` (Loshchilov and
 * Hutter 2019) and added to the gradient for `sgd` and `adam` (Kingma and Ba 2015), as PyTorch does; it applies only to
 * weights of rank > 1, never to biases and normalisation.
 */
export interface OptimizerConfig {
  kind: (typeof optimizerKinds)[number];
  /** Default 0.9; `sgd` only. */
  momentum?: number;
  /** Looks ahead along the momentum (Nesterov 1983, in the form of Sutskever et al. 2013). Default false; `sgd` only. */
  nesterov?: boolean;
  /** Defaults 0.9 and 0.999; `adam` and `adamw` only. */
  beta1?: number;
  beta2?: number;
  /** Default 1e-8; `adam` and `adamw` only. */
  epsilon?: number;
  /** Default 0. */
  weightDecay?: number;
}

/**
 * Updates weights on the host, in place. Outside the graph on purpose: inside, Adam costs ONNX Runtime several
 * passes and copies of every slot per step.
 */
export interface Optimizer {
  /** Slots by `slot/weight`, and the step count: everything that a checkpoint has to hold. */
  readonly state: Parameters;
  /** One update. `learningRate` is that of this weight at this step. Call `beginStep` once before the first. */
  update(name: string, weights: Float32Array, gradient: Float32Array, learningRate: number): void;
  beginStep(): void;
}

/**
 * Makes an optimiser for the trainable weights among `parameters`, with all slots at zero.
 *
 * @param undecayed weights without weight decay
 */
export function createOptimizer(
  config: OptimizerConfig,
  parameters: Parameters,
  trainable: readonly string[],
  undecayed: ReadonlySet<string> = new Set(),
): Optimizer {
  if (!optimizerKinds.includes(config.kind)) {
    throw new GraftError(
      'optimizer-unknown',
      `Expected the optimiser ${optimizerKinds.join(', ')}, found ${String(config.kind)}.`,
    );
  }
  const slots = config.kind !== 'sgd' ? ['m', 'v'] : (config.momentum ?? 0.9) === 0 ? [] : ['momentum'];
  const state = new Parameters();
  const steps = state.add('steps', [1]).data;
  for (const name of trainable)
    for (const slot of slots) state.add(`${slot}/${name}`, parameters.get(name).shape);
  const decayOf = (name: string): number =>
    parameters.get(name).shape.length > 1 && !undecayed.has(name) ? (config.weightDecay ?? 0) : 0;
  const beginStep = (): void => {
    steps[0]++;
  };
  if (config.kind !== 'sgd') {
    const decoupled = config.kind === 'adamw';
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = config;
    return {
      state,
      beginStep,
      update: (name, weights, gradient, learningRate) => {
        const m = state.get(`m/${name}`).data;
        const v = state.get(`v/${name}`).data;
        const rate = learningRate / (1 - beta1 ** steps[0]);
        const correction = 1 / Math.sqrt(1 - beta2 ** steps[0]);
        const decay = decayOf(name);
        if (!decoupled) addDecay(gradient, weights, decay);
        const keep = decoupled ? 1 - learningRate * decay : 1;
        adamw(weights, gradient, m, v, beta1, beta2, epsilon, rate, correction, keep);
      },
    };
  }
  const { momentum = 0.9, nesterov = false } = config;
  return {
    state,
    beginStep,
    update: (name, weights, gradient, learningRate) => {
      const slot = momentum === 0 ? undefined : state.get(`momentum/${name}`).data;
      if (slot && nesterov) nesterovSgd(weights, gradient, slot, momentum, learningRate, decayOf(name));
      else sgd(weights, gradient, slot, momentum, learningRate, decayOf(name));
    },
  };
}

function addDecay(gradient: Float32Array, weights: Float32Array, decay: number): void {
  if (decay === 0) return;
  for (let i = 0; i < gradient.length; i++) gradient[i] += decay * weights[i];
}

function nesterovSgd(
  weights: Float32Array,
  gradient: Float32Array,
  slot: Float32Array,
  momentum: number,
  rate: number,
  decay: number,
): void {
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] + decay * weights[i];
    const velocity = momentum * slot[i] + g;
    slot[i] = velocity;
    weights[i] -= rate * (g + momentum * velocity);
  }
}

function adamw(
  weights: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  beta1: number,
  beta2: number,
  epsilon: number,
  rate: number,
  correction: number,
  keep: number,
): void {
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i];
    const first = beta1 * m[i] + (1 - beta1) * g;
    const second = beta2 * v[i] + (1 - beta2) * g * g;
    m[i] = first;
    v[i] = second;
    weights[i] = keep * weights[i] - (rate * first) / (Math.sqrt(second) * correction + epsilon);
  }
}

function sgd(
  weights: Float32Array,
  gradient: Float32Array,
  slot: Float32Array | undefined,
  momentum: number,
  rate: number,
  decay: number,
): void {
  if (!slot) {
    for (let i = 0; i < weights.length; i++) weights[i] -= rate * (gradient[i] + decay * weights[i]);
    return;
  }
  for (let i = 0; i < weights.length; i++) {
    const velocity = momentum * slot[i] + gradient[i] + decay * weights[i];
    slot[i] = velocity;
    weights[i] -= rate * velocity;
  }
}
