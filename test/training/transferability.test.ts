import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  judged,
  neighbourHits,
  neighboursFor,
  probeHits,
  type PatientFeatures,
} from '../../src-main/training/transferability/accuracies.ts';
import { rankModel } from '../../src-main/training/transferability/rank.ts';
import { hScore, logMe } from '../../src-main/training/transferability/scores.ts';
import { settings, stripesDataset, task, tinyModelFolder } from './helpers.ts';

const reference = JSON.parse(
  readFileSync(new URL('./reference/transferability.json', import.meta.url), 'utf8'),
) as { count: number; size: number; logMe: number; hScore: number }[];

/** `features` of make_transferability.py. */
function made(count: number, size: number): PatientFeatures {
  const features = new Float32Array(count * size);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < size; j++)
      features[i * size + j] =
        Math.sin(1.7 * i + 0.9 * j + 0.31 * i * j) +
        0.5 * Math.cos(0.05 * i * i + j) +
        (i % 3 === j % 3 ? 0.8 : 0);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  return { features, size, labels, patients: labels.map((_, i) => `p${Math.floor(i / 2)}`) };
}

describe.each(reference)(
  'features of $count images, $size each',
  ({ count, size, logMe: evidence, hScore: score }) => {
    it('have the LogME and the H-score of the published code', () => {
      expect(Math.abs(logMe(made(count, size), 3) / evidence - 1)).toBeLessThan(1e-5);
      expect(Math.abs(hScore(made(count, size), 3) / score - 1)).toBeLessThan(1e-5);
    });
  },
);

/** Two clouds that lie apart, and which patient each image is of. */
function clouds(apart: number, images = 40): PatientFeatures {
  const features = new Float32Array(images * 4);
  const labels = Array.from({ length: images }, (_, i) => i % 2);
  for (let i = 0; i < images; i++)
    for (let j = 0; j < 4; j++)
      features[i * 4 + j] = Math.sin(12.9 * i + 78.2 * j) + (j === labels[i] ? apart : 0);
  return { features, size: 4, labels, patients: labels.map((_, i) => `p${Math.floor(i / 4)}`) };
}

describe('probe and neighbours', () => {
  const share = (hits: boolean[]): number => hits.filter(Boolean).length / hits.length;

  it('tell apart what lies apart, and guess where nothing does', () => {
    for (const hits of [probeHits(clouds(6), 2, 7), neighbourHits(clouds(6), 2)]) expect(share(hits)).toBe(1);
    for (const hits of [probeHits(clouds(0), 2, 7), neighbourHits(clouds(0), 2)]) {
      expect(share(hits)).toBeGreaterThan(0.2);
      expect(share(hits)).toBeLessThan(0.8);
    }
  });

  it('never judge an image by another of its patient', () => {
    // Each patient's two images are equal, and unlike all others: who peeks is always right.
    const twins = clouds(0, 24);
    const labels = twins.labels.map((_, i) => Math.floor(i / 2) % 2);
    for (let i = 0; i < 24; i += 2) twins.features.copyWithin((i + 1) * 4, i * 4, (i + 1) * 4);
    const data = { ...twins, labels, patients: labels.map((_, i) => `p${Math.floor(i / 2)}`) };
    expect(share(neighbourHits(data, 2))).toBeLessThan(0.9);
    const peeking = { ...data, patients: labels.map((_, i) => `q${i}`) };
    expect(neighboursFor(labels, 2)).toBe(10);
    expect(share(neighbourHits(peeking, 2))).toBeGreaterThanOrEqual(share(neighbourHits(data, 2)));
  });

  it('have intervals by patients, the same each time', () => {
    const hits = Array.from({ length: 40 }, (_, i) => i % 5 !== 0);
    const patients = hits.map((_, i) => `p${Math.floor(i / 4)}`);
    const one = judged(hits, patients, 7);
    expect(one.value).toBe(0.8);
    expect(one.low).toBeLessThan(0.8);
    expect(one.high).toBeGreaterThan(0.8);
    expect(judged(hits, patients, 7)).toEqual(one);
  });
});

describe('the rank of a model', () => {
  it('is made of training and validation images alone', async () => {
    const work = task(settings({ initial: tinyModelFolder(), freezePreset: 'feature-extraction' }));
    const seen = new Set<number>();
    const images = {
      ...work.images,
      read: (index: number, into: Float32Array, offset: number) => {
        seen.add(index);
        work.images.read(index, into, offset);
      },
    };
    const found = await rankModel({ ...work, images }, 1000);
    const { train, validation } = stripesDataset();
    const allowed = new Set([...train, ...validation].map(({ cacheIndex }) => cacheIndex));
    expect(seen.size).toBe(allowed.size);
    expect([...seen].every((index) => allowed.has(index))).toBe(true);
    expect(found).toMatchObject({ images: allowed.size, features: 8 });
    expect(found.probe.value).toBeGreaterThanOrEqual(found.probe.low);
    expect(Number.isFinite(found.logMe) && Number.isFinite(found.hScore)).toBe(true);
  });

  it('takes no more images than it is given, whole patients at a time', async () => {
    const work = task(settings({ initial: tinyModelFolder() }));
    const found = await rankModel(work, 10);
    expect(found.images).toBeLessThanOrEqual(10);
    await expect(rankModel(work, 1)).rejects.toMatchObject({ code: 'images-missing' });
  });
});
