import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src-main/contract/dataset.ts';
import {
  judged,
  judgedGain,
  neighbourHits,
  neighboursFor,
  probeHits,
  type PatientFeatures,
} from '../../src-main/training/transferability/accuracies.ts';
import {
  judgedAreas,
  neighbourScores,
  type PatientFindings,
  probeScores,
} from '../../src-main/training/transferability/finding-areas.ts';
import { rankModel } from '../../src-main/training/transferability/rank.ts';
import { hScore, logMe, scoresOfFindings } from '../../src-main/training/transferability/scores.ts';
import { emptyHScore, gainSentence } from '../../src-main/contract/ranking.ts';
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

describe('what one model brings beside another', () => {
  const patients = Array.from({ length: 60 }, (_, at) => `p${Math.floor(at / 2)}`);
  const before = patients.map((_, at) => at % 4 !== 0);

  it('is the difference of their accuracies, and nothing at all where they say the same', () => {
    expect(judgedGain(before, before, patients, 7)).toEqual({ value: 0, low: 0, high: 0 });
    const after = before.map((hit, at) => hit || at < 12);
    const gain = judgedGain(after, before, patients, 7);
    const [one, other] = [after, before].map((hits) => judged(hits, patients, 7).value);
    expect(gain.value).toBeCloseTo(one - other, 12);
    // Never worse on any image: no draw of patients can turn it round.
    expect(gain.low).toBeGreaterThanOrEqual(0);
    expect(judgedGain(before, after, patients, 7).value).toBeCloseTo(-gain.value, 12);
  });

  it('is told apart more finely than by two intervals that overlap', () => {
    const after = before.map((hit, at) => hit || at % 8 === 0);
    const [one, other] = [after, before].map((hits) => judged(hits, patients, 7));
    expect(one.low).toBeLessThan(other.high);
    expect(judgedGain(after, before, patients, 7).low).toBeGreaterThan(0);
  });

  it('stands beside an H-score that says whether it is worth reading', () => {
    expect(emptyHScore([{ images: 40, features: 224 }])).toContain('pass over it');
    expect(emptyHScore([{ images: 400, features: 224 }])).toBeNull();
  });

  it('is a claim only where the interval leaves out zero', () => {
    const said = (low: number, high: number): string =>
      gainSentence({ name: 'a', parent: 'b', difference: { value: (low + high) / 2, low, high } }, (name) =>
        name.toUpperCase(),
      );
    expect(said(-0.1, 0.2)).toBe(
      'Learning without labels: the probe on A is right 5.0 points more often than on B, which it was continued from, on the same images (95 % interval −10.0 to +20.0, by drawing patients): these images do not tell whether it helped.',
    );
    expect(said(0.01, 0.2)).toContain('it helped the probe here');
    expect(said(-0.2, -0.01)).toContain('it did the probe harm here');
    expect(said(0, 0.2)).toContain('do not tell');
    expect(said(-0.1, 0.1)).toContain('is right as often as on B');
  });
});

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

describe('features of findings', () => {
  const areaOf = (apart: number, one: typeof probeScores) => {
    const { labels, ...rest } = clouds(apart);
    // The second finding is everywhere but where nobody knows; the third is the opposite of the first.
    const findings: Finding[][] = labels.map((label, row) => [
      row % 7 === 0 ? null : (label as 0 | 1),
      row % 2 === 0 ? null : 1,
      (1 - label) as 0 | 1,
    ]);
    const data = { ...rest, findings };
    return { data, area: judgedAreas(one(data, 3, 7), data, 3, 7)! };
  };

  it('tell apart what lies apart, and guess where nothing does', () => {
    for (const one of [probeScores, (data: PatientFindings) => neighbourScores(data, 3)]) {
      expect(areaOf(6, one).area).toEqual({ value: 1, low: 1, high: 1 });
      const guess = areaOf(0, one).area;
      expect(guess.value).toBeGreaterThan(0.2);
      expect(guess.value).toBeLessThan(0.8);
      expect(guess.low).toBeLessThan(guess.value);
      expect(guess.high).toBeGreaterThan(guess.value);
    }
  });

  it('are judged by areas whose ties count one half, mean over findings with both answers', () => {
    const scores = [
      [0.1, 1],
      [0.4, 1],
      [0.4, 1],
      [0.9, 1],
    ];
    const findings: Finding[][] = [
      [0, 1],
      [1, 1],
      [0, 1],
      [1, null],
    ];
    const patients = ['a', 'b', 'c', 'd'];
    // Of the first 3.5 of 4 pairs stand rightly; the second has one answer.
    expect(judgedAreas(scores, { findings, patients }, 2, 7)!.value).toBe(3.5 / 4);
    const single = findings.map(([, second]): Finding[] => [second, second]);
    expect(judgedAreas(scores, { findings: single, patients }, 2, 7)).toBeNull();
  });

  it('have the LogME and H-score of two classes where each image shows one of two, and leave out what is not known', () => {
    const data = made(40, 6);
    const labels = data.labels.map((label) => Number(label === 1));
    const findings = labels.map((label): Finding[] => [label as 0 | 1, (1 - label) as 0 | 1]);
    const found = scoresOfFindings({ ...data, findings }, 2);
    expect(found.logMe).toBeCloseTo(logMe({ ...data, labels }, 2), 9);
    expect(found.hScore).toBeCloseTo(hScore({ ...data, labels }, 2), 9);
    const half = findings.map(([first], row): Finding[] => [row < 30 ? first : null]);
    const known = { features: data.features.slice(0, 30 * 6), size: 6, findings: half.slice(0, 30) };
    expect(scoresOfFindings({ ...data, findings: half }, 1)).toEqual(scoresOfFindings(known, 1));
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
