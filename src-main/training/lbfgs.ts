/** A function to minimise: returns its value at `x` and writes its gradient to `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Default 200. */
  iterations?: number;
  /** Ends when no component of the gradient is larger. Default 1e-6. */
  tolerance?: number;
  /** Pairs of steps and gradient changes remembered. Default 10. */
  memory?: number;
}

/** Share of the linear decrease that a step has to reach (Armijo's condition). */
const SUFFICIENT = 1e-4;

/**
 * Limited-memory BFGS with a backtracking line search (Nocedal and Wright, Numerical Optimization, algorithm 7.5).
 * Deterministic. `x` is changed in place to the minimum.
 */
export function minimise(objective: Objective, x: Float64Array, options: LbfgsOptions = {}): number {
  const { iterations = 200, tolerance = 1e-6, memory = 10 } = options;
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (gradient.every((g) => Math.abs(g) <= tolerance)) break;
    let direction = descend(gradient, steps, changes);
    let slope = dot(direction, gradient);
    if (slope >= 0) {
      steps.length = changes.length = 0;
      direction = gradient.map((g) => -g);
      slope = -dot(gradient, gradient);
    }
    let length = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const next = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    let nextValue = Infinity;
    for (; length > 1e-12; length /= 2) {
      for (let i = 0; i < x.length; i++) next[i] = x[i] + length * direction[i];
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + SUFFICIENT * length * slope) break;
    }
    if (!(nextValue < value)) break;
    const step = next.map((to, i) => to - x[i]);
    const change = nextGradient.map((to, i) => to - gradient[i]);
    if (dot(step, change) > 1e-10 * dot(change, change)) {
      steps.push(step);
      changes.push(change);
      if (steps.length > memory) {
        steps.shift();
        changes.shift();
      }
    }
    x.set(next);
    gradient = nextGradient;
    value = nextValue;
  }
  return value;
}

/** Two-loop recursion: minus the approximate inverse Hessian times the gradient. */
function descend(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array<ArrayBuffer> {
  const q = gradient.map((g) => -g);
  const shares: number[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    shares[k] = dot(steps[k], q) / dot(steps[k], changes[k]);
    for (let i = 0; i < q.length; i++) q[i] -= shares[k] * changes[k][i];
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last], changes[last]) / dot(changes[last], changes[last]);
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (let k = 0; k < steps.length; k++) {
    const correction = shares[k] - dot(changes[k], q) / dot(steps[k], changes[k]);
    for (let i = 0; i < q.length; i++) q[i] += correction * steps[k][i];
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
