import { RandomStream } from '../../platform/random.ts';
import type { Field } from '../drawing-field.ts';

/** `[x, y] ← [a·x + b·y + e, c·x + d·y + f]`. */
type AffineMap = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface IteratedFunctions {
  maps: readonly AffineMap[];
  /** Up to and with each map, the chance that it is the next one: by the area that it leaves. */
  cumulative: readonly number[];
}

/** Categories are the same whatever is drawn from them. */
const CATEGORY_SEED = 20_200;
/** Share of a 32² grid that a category's points have to reach: the filling rate of Kataoka et al. */
const FILLING_RATE = 0.2;

/**
 * Fractal categories by iterated function systems (FractalDB: Kataoka et al. 2020, "Pre-training without natural
 * images"), their maps drawn by singular values so that they always contract (Anderson and Farrell 2022, "Improving
 * fractal pre-training"). The first systems, in the order of their numbers, that fill enough of the picture.
 */
export function fractalCategory(category: number): IteratedFunctions {
  for (let attempt = 0; ; attempt++) {
    const system = drawSystem(new RandomStream(CATEGORY_SEED, 'fractal', category, attempt));
    if (fillingRate(system) >= FILLING_RATE || attempt === 60) return system;
  }
}

function drawSystem(r: RandomStream): IteratedFunctions {
  const count = 2 + r.integer(5);
  // The sum of first + 2 · second singular values decides how large and how dense the attractor is.
  const wanted = 0.5 * (5 + count) + r.uniform(0, 0.5);
  const values = Array.from({ length: count }, () => {
    const [one, other] = [r.uniform(0.1, 1), r.uniform(0.1, 1)];
    return [Math.max(one, other), Math.min(one, other)];
  });
  const factor = wanted / values.reduce((sum, [first, second]) => sum + first + 2 * second, 0);
  const maps = values.map(([first, second]): AffineMap => {
    const [s, t] = [Math.min(0.95, first * factor), Math.min(0.95, second * factor)];
    const [u, v] = [r.uniform(0, 2 * Math.PI), r.uniform(0, 2 * Math.PI)];
    const mirror = r.uniform() < 0.5 ? -1 : 1;
    const [cu, su, cv, sv] = [Math.cos(u), Math.sin(u), Math.cos(v), Math.sin(v)];
    return [
      cu * s * cv - su * t * mirror * sv,
      -cu * s * sv - su * t * mirror * cv,
      su * s * cv + cu * t * mirror * sv,
      -su * s * sv + cu * t * mirror * cv,
      r.uniform(-1, 1),
      r.uniform(-1, 1),
    ];
  });
  return { maps, cumulative: chances(maps) };
}

function chances(maps: readonly AffineMap[]): number[] {
  const areas = maps.map(([a, b, c, d]) => Math.abs(a * d - b * c) + 0.02);
  const total = areas.reduce((sum, area) => sum + area, 0);
  let sum = 0;
  return areas.map((area) => (sum += area / total));
}

/** `count` points of the attractor, as x, y, x, y … */
function points({ maps, cumulative }: IteratedFunctions, count: number, r: RandomStream): Float32Array {
  const result = new Float32Array(2 * count);
  let [x, y] = [0, 0];
  for (let i = -20; i < count; i++) {
    const draw = r.uniform();
    let which = 0;
    while (which < maps.length - 1 && draw > cumulative[which]) which++;
    const [a, b, c, d, e, f] = maps[which];
    [x, y] = [a * x + b * y + e, c * x + d * y + f];
    if (i < 0) continue;
    result[2 * i] = x;
    result[2 * i + 1] = y;
  }
  return result;
}

/** The middle 98 % of the points, as the square around them. */
function frameOf(cloud: Float32Array): { x: number; y: number; half: number } {
  const sample = Math.min(600, cloud.length / 2);
  const step = Math.floor(cloud.length / 2 / sample);
  const axis = (offset: number): [number, number] => {
    const values = Float32Array.from({ length: sample }, (_, i) => cloud[2 * i * step + offset]).sort();
    return [values[Math.floor(sample * 0.01)], values[Math.ceil(sample * 0.99) - 1]];
  };
  const [[left, right], [top, bottom]] = [axis(0), axis(1)];
  return {
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    half: Math.max(right - left, bottom - top, 1e-3) * 0.55,
  };
}

function fillingRate(system: IteratedFunctions): number {
  const side = 32;
  const cloud = points(system, 2500, new RandomStream(CATEGORY_SEED, 'filling'));
  const { x, y, half } = frameOf(cloud);
  const seen = new Set<number>();
  for (let i = 0; i < cloud.length; i += 2) {
    const column = Math.floor(((cloud[i] - x) / half / 2 + 0.5) * side);
    const row = Math.floor(((cloud[i + 1] - y) / half / 2 + 0.5) * side);
    if (row >= 0 && column >= 0 && row < side && column < side) seen.add(row * side + column);
  }
  return seen.size / side ** 2;
}

/** One instance of a category: its maps a little changed, turned, of some size, bright where points are dense. */
export function drawFractal(field: Field, system: IteratedFunctions, r: RandomStream): void {
  const { size, pixels } = field;
  const maps = system.maps.map(
    (map) => map.map((value) => value * r.uniform(0.93, 1.07)) as unknown as AffineMap,
  );
  const cloud = points({ maps, cumulative: chances(maps) }, 2 * size * size, r);
  const { x, y, half } = frameOf(cloud);
  const turn = r.uniform(0, 2 * Math.PI);
  const reach = half / r.uniform(0.7, 1.2);
  const [cos, sin] = [Math.cos(turn) / reach, Math.sin(turn) / reach];
  const [right, down] = [r.uniform(-0.2, 0.2), r.uniform(-0.2, 0.2)];
  const counts = new Float32Array(size * size);
  for (let i = 0; i < cloud.length; i += 2) {
    const [dx, dy] = [cloud[i] - x, cloud[i + 1] - y];
    const column = Math.floor(((cos * dx - sin * dy + right) * 0.5 + 0.5) * size);
    const row = Math.floor(((sin * dx + cos * dy + down) * 0.5 + 0.5) * size);
    if (row >= 0 && column >= 0 && row < size && column < size) counts[row * size + column]++;
  }
  const most = Math.log1p(counts.reduce((high, count) => Math.max(high, count), 1));
  // From every touched pixel alike (as FractalDB's) to shaded by density.
  const shading = r.uniform();
  const strength = r.uniform(0.4, 0.9) * (r.uniform() < 0.3 ? -1 : 1);
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] > 0) pixels[i] += strength * (1 - shading + (shading * Math.log1p(counts[i])) / most);
  }
}
