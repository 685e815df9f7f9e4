import { describe, expect, it } from 'vitest';
import { DARK, DASHES, LIGHT, SERIES } from '../../src-main/charts/index.ts';

type Rgb = [number, number, number];

const linear = (hex: string): Rgb =>
  [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Rgb;

const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const SIGHT: Record<string, number[][]> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** CIELAB under D65. */
function lab([r, g, b]: Rgb): Rgb {
  const [x, y, z] = [
    (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
    0.2126729 * r + 0.7151522 * g + 0.072175 * b,
    (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883,
  ].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const seen = (hex: string, matrix: number[][]): Rgb => {
  const colour = linear(hex);
  return lab(
    matrix.map((row) =>
      Math.max(
        0,
        Math.min(
          1,
          row.reduce((sum, k, i) => sum + k * colour[i], 0),
        ),
      ),
    ) as Rgb,
  );
};
const distance = (a: Rgb, b: Rgb): number => Math.hypot(...a.map((value, i) => value - b[i]));

describe('the palette', () => {
  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('has 3 : 1 for lines and 4.5 : 1 for letters on %s ground', (_name, colours) => {
    for (const series of SERIES) expect(contrast(colours[series], colours.paper), series).toBeGreaterThan(3);
    for (const letters of ['ink', 'soft'] as const)
      expect(contrast(colours[letters], colours.paper), letters).toBeGreaterThan(4.5);
  });

  it.each(Object.entries(SIGHT))('is told apart with %s', (_name, matrix) => {
    for (const colours of [LIGHT, DARK]) {
      for (const [i, first] of SERIES.entries())
        for (const second of SERIES.slice(i + 1)) {
          const apart = distance(seen(colours[first], matrix), seen(colours[second], matrix));
          expect(apart, `${first} and ${second}`).toBeGreaterThan(10);
        }
    }
  });

  it('needs no colour: each series has a dash of its own', () => {
    const dashes = SERIES.map((series) => DASHES[series].join(' '));
    expect(new Set(dashes).size).toBe(SERIES.length);
  });
});
