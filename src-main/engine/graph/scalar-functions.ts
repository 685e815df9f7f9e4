/** What uniform constants fold to, by op. The names are those of the graph's element-wise ops. */
export const unaryFunctions: Record<string, (x: number) => number> = {
  negative: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  reciprocal: (x) => 1 / x,
  relu: (x) => Math.max(0, x),
  floor: Math.floor,
  ceil: Math.ceil,
};

export const binaryFunctions: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  power: Math.pow,
};
