import { describe, expect, it } from 'vitest';
import {
  drawPretrainingImage,
  PRETRAINING_CLASSES,
  pretrainingFamilies,
  WHERE_SIZE,
} from '../../src-main/samples/pretraining/index.ts';

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

  it('come from every family, and of each class of phantoms', () => {
    const shares = pretrainingFamilies.map(
      ({ first, count }) =>
        pictures.filter(({ label }) => label >= first && label < first + count).length / pictures.length,
    );
    [0.45, 0.13, 0.12, 0.14, 0.16].forEach((share, at) => expect(shares[at]).toBeCloseTo(share, 1));
    const phantoms = new Set(pictures.map(({ label }) => label).filter((label) => label < 77));
    expect(phantoms.size).toBeGreaterThan(70);
    expect(PRETRAINING_CLASSES).toHaveLength(pretrainingFamilies.reduce((sum, { count }) => sum + count, 0));
  });

  it('of a category are the same whatever was drawn before', () => {
    // Categories are made when they are first drawn, from seeds of their own.
    const later = drawPretrainingImage(5, 999, SIZE);
    drawPretrainingImage(77, 3, SIZE);
    expect(drawPretrainingImage(5, 999, SIZE)).toEqual(later);
  });

  it('say where the finding and the organ of a phantom are, and nothing of other pictures', () => {
    const area = WHERE_SIZE ** 2;
    const changes: number[] = [];
    for (const { label, where } of pictures) {
      const finding = PRETRAINING_CLASSES[label].split(', ')[1];
      if (finding === undefined) {
        expect(where).toBeNull();
        continue;
      }
      const [change, organ] = [where!.subarray(0, area), where!.subarray(area)];
      expect(organ.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(Math.max(...organ)).toBeGreaterThan(0.5);
      const most = change.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
      if (finding === 'no finding') expect(most).toBe(0);
      else changes.push(most);
    }
    // Some lie where the organ is not, or hardly differ, as real ones do.
    expect(changes.filter((most) => most > 0.02).length / changes.length).toBeGreaterThan(0.95);
  });

  it('do not tell by brightness what was found', () => {
    const mean = ({ pixels }: { pixels: Float32Array }): number =>
      pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    const centre = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const squares = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + (value - centre(values)) ** 2, 0);
    const byFinding = new Map<string, number[]>();
    for (const picture of pictures) {
      const [, finding] = PRETRAINING_CLASSES[picture.label].split(', ');
      if (finding !== undefined) byFinding.set(finding, [...(byFinding.get(finding) ?? []), mean(picture)]);
    }
    const within = [...byFinding.values()].reduce((sum, values) => sum + squares(values), 0);
    // The share of the variance of brightness that findings explain.
    expect(1 - within / squares([...byFinding.values()].flat())).toBeLessThan(0.15);
  });
});
