import type { RandomStream } from '../platform/random.ts';
import type { SliceGrid } from './chest-slice.ts';
import type { Raster } from './raster.ts';
import { clamp, gaussianBlur, normalNoise, raster, valueNoise } from './raster.ts';

/** A scanner of the sample data: what it makes of a slice, and what it writes about itself. */
export interface Scanner {
  /** Short name, used in paths, patient numbers and labels. */
  site: 'hospital-a' | 'hospital-b';
  institution: string;
  manufacturer: string;
  model: string;
  station: string;
  software: string;
  kernel: string;
  /** Kilovolt. */
  kvp: number;
  /** Milliampere. */
  tubeCurrent: number;
  /** Millimetres. */
  sliceThickness: number;
  sliceDistance: number;
  grid: SliceGrid;
  /** Modality value = slope × stored + intercept, stored in 12 bits. */
  rescale: { slope: number; intercept: number };
  window: { center: number; width: number };
  /** From ideal Hounsfield units to what this scanner measures. */
  acquire(slice: Raster, stream: RandomStream): void;
}

export const scanners: readonly [Scanner, Scanner] = [
  {
    site: 'hospital-a',
    institution: 'Hospital A',
    manufacturer: 'Meridian Medical Systems',
    model: 'Clarity 64',
    station: 'CT1',
    software: 'VA21C',
    kernel: 'STANDARD',
    kvp: 120,
    tubeCurrent: 220,
    sliceThickness: 2.5,
    sliceDistance: 2.5,
    grid: { rows: 192, columns: 192, spacing: 1.04 },
    rescale: { slope: 1, intercept: -1024 },
    window: { center: -600, width: 1500 },
    acquire: acquireStandardDose,
  },
  {
    site: 'hospital-b',
    institution: 'Hospital B',
    manufacturer: 'Boreal Imaging',
    model: 'Lumen LD',
    station: 'LDCT-2',
    software: '4.0.2',
    kernel: 'SHARP',
    kvp: 100,
    tubeCurrent: 40,
    sliceThickness: 3,
    sliceDistance: 2.5,
    grid: { rows: 256, columns: 224, spacing: 0.82 },
    rescale: { slope: 0.5, intercept: -1024 },
    window: { center: -480, width: 1350 },
    acquire: acquireLowDose,
  },
];

/** Full dose and a soft kernel: smooth noise of one strength everywhere, a little cupping. */
function acquireStandardDose(slice: Raster, stream: RandomStream): void {
  gaussianBlur(slice, stream.uniform(0.55, 0.75));
  const noise = grain(slice, stream, 0.7);
  const strength = stream.uniform(55, 85);
  const cupping = stream.uniform(0, 25);
  forEachPixel(slice, (index, x, y) => {
    slice.values[index] += strength * noise[index] - cupping * (1 - x * x - y * y);
  });
}

/**
 * A fifth of the dose, lower voltage and a sharp kernel: overshoot at edges, noise that grows with what the rays pass,
 * streaks, a response that lifts the lung, shading across the picture.
 */
function acquireLowDose(slice: Raster, stream: RandomStream): void {
  gaussianBlur(slice, stream.uniform(0.9, 1.2));
  const soft = raster(slice.width, slice.height);
  soft.values.set(slice.values);
  gaussianBlur(soft, 2);
  const sharpen = stream.uniform(0.5, 0.9);
  const gamma = stream.uniform(0.72, 0.8);
  const noise = grain(slice, stream, 0);
  const strength = stream.uniform(75, 115);
  const streaks = streakLines(slice, stream);
  const shading = valueNoise(stream, slice.width, slice.height, slice.width * 0.7).values;
  const shade = stream.uniform(40, 80);
  const tilt = stream.uniform(-50, 50);
  forEachPixel(slice, (index, x, y) => {
    const sharp = slice.values[index] + sharpen * (slice.values[index] - soft.values[index]);
    const attenuation = clamp((sharp + 1024) / 1500, 0, 2);
    const measured = -1024 + 1500 * attenuation ** gamma;
    const local = strength * (0.6 + 0.5 * clamp((soft.values[index] + 1024) / 1000));
    slice.values[index] =
      measured +
      local * noise[index] +
      streaks[Math.floor(index / slice.width)] +
      shade * shading[index] +
      tilt * x -
      30 * y * y;
  });
}

/** Photon starvation shows as faint lines along the rays through the shoulders. */
function streakLines(slice: Raster, stream: RandomStream): Float32Array {
  const lines = normalNoise(stream, slice.height);
  const strength = stream.uniform(8, 22);
  return lines.map((value) => value * strength);
}

/** Normal noise, of unit deviation before it is blurred. */
function grain(slice: Raster, stream: RandomStream, sigma: number): Float32Array {
  const noise: Raster = {
    width: slice.width,
    height: slice.height,
    values: normalNoise(stream, slice.values.length),
  };
  gaussianBlur(noise, sigma);
  return noise.values;
}

/** x and y run from −1 to 1 across the picture. */
function forEachPixel(slice: Raster, visit: (index: number, x: number, y: number) => void): void {
  for (let row = 0; row < slice.height; row++) {
    for (let column = 0; column < slice.width; column++) {
      visit(row * slice.width + column, (2 * column) / slice.width - 1, (2 * row) / slice.height - 1);
    }
  }
}

/** Stored 12-bit values of a slice. */
export function quantise(slice: Raster, { rescale }: Scanner): Uint16Array {
  return Uint16Array.from(slice.values, (value) =>
    clamp(Math.round((value - rescale.intercept) / rescale.slope), 0, 4095),
  );
}
