import { describe, expect, it } from 'vitest';
import { drawPretrainingImage, PRETRAINING_CLASSES } from '../../src-main/samples/index.ts';

const SIZE = 32;
const pictures = Array.from({ length: 1000 }, (_, index) => drawPretrainingImage(5, index, SIZE));

describe('pictures to pre-train on', () => {
  it('are the same for the same seed and index, and others otherwise', () => {
    expect(drawPretrainingImage(5, 17, SIZE)).toEqual(pictures[17]);
    expect(drawPretrainingImage(6, 17, SIZE).pixels).not.toEqual(pictures[17].pixels);
  });

  it('are grey values between 0 and 1, of the size asked for', () => {
    for (const { pixels } of pictures) {
      expect(pixels).toHaveLength(SIZE * SIZE);
      expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it('come in every class, about equally often', () => {
    const counts = PRETRAINING_CLASSES.map(
      (_, label) => pictures.filter((picture) => picture.label === label).length,
    );
    expect(Math.min(...counts)).toBeGreaterThan(15);
    expect(Math.max(...counts)).toBeLessThan(75);
  });

  it('do not tell their class by brightness', () => {
    const mean = ({ pixels }: { pixels: Float32Array }): number =>
      pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    const all = pictures.map(mean);
    const overall = all.reduce((a, b) => a + b, 0) / all.length;
    const total = all.reduce((sum, value) => sum + (value - overall) ** 2, 0);
    const within = PRETRAINING_CLASSES.reduce((sum, _, label) => {
      const own = pictures.filter((picture) => picture.label === label).map(mean);
      const centre = own.reduce((a, b) => a + b, 0) / own.length;
      return sum + own.reduce((inner, value) => inner + (value - centre) ** 2, 0);
    }, 0);
    // The share of the variance of brightness that classes explain.
    expect(1 - within / total).toBeLessThan(0.15);
  });
});
