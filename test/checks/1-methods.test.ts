import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { association, cramersV } from '../../src-main/checks/association.ts';
import { kMeans } from '../../src-main/checks/clusters.ts';
import { principalComponents } from '../../src-main/checks/components.ts';
import { discriminate } from '../../src-main/checks/discriminant.ts';
import { measureQuality, perceptualHash } from '../../src-main/checks/index.ts';
import { nearDuplicates, type Lookalike } from '../../src-main/checks/near-duplicates.ts';
import { hammingDistance } from '../../src-main/checks/perceptual-hash.ts';
import { qualityProblemsOf } from '../../src-main/checks/quality.ts';
import { probe } from '../../src-main/checks/probe.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

interface Reference {
  components: { features: number[]; size: number; scores: number[] };
  discriminant: { rows: number[]; size: number; labels: number[]; learn: number; said: number[] };
  association: { first: number[]; second: number[]; cramersV: number };
  noise: { image: number[]; height: number; width: number; noise: number };
  hash: { image: number[]; hash: string };
}
const reference = JSON.parse(
  readFileSync(new URL('./reference/checks.json', import.meta.url), 'utf8'),
) as Reference;

describe('the methods behind the checks', () => {
  it("finds NumPy's principal components", () => {
    const { features, size, scores } = reference.components;
    const found = principalComponents({ values: Float32Array.from(features), size }, 3, 1);
    expect(found.size).toBe(3);
    found.values.forEach((value, at) => expect(Math.abs(value)).toBeCloseTo(scores[at], 3));
  });

  it("discriminates as scikit-learn's linear discriminant does, with classes equally likely", () => {
    const { rows, size, labels, learn, said } = reference.discriminant;
    const all = labels.map((_, at) => at);
    const found = discriminate(
      { values: Float32Array.from(rows), size },
      labels,
      3,
      all.slice(0, learn),
      all.slice(learn),
    );
    expect(found).toEqual(said);
  });

  it("has Bergsma's Cramér's V, and tells a bond from chance", () => {
    const { first, second, cramersV: expected } = reference.association;
    expect(cramersV(first, second)).toBeCloseTo(expected, 9);
    expect(association(first, second, 1).pValue).toBeLessThan(0.01);
    const alternating = first.map((_, at) => at % 2);
    const pairs = first.map((_, at) => Math.floor(at / 2) % 2);
    expect(association(alternating, pairs, 1)).toMatchObject({ cramersV: 0 });
    expect(cramersV([0, 0, 0], [0, 1, 2])).toBe(0);
  });

  it("measures noise as Immerkær's filter does, and names what is wrong with an image", () => {
    const { image, height, width, noise } = reference.noise;
    const measured = measureQuality(Float32Array.from(image), height, width, 1);
    expect(measured.noise).toBeCloseTo(noise, 6);
    const clean = { range: 1, contrast: 0.8, clipped: 0, noise: 0.01 };
    const of = (own: object) =>
      qualityProblemsOf([...Array<typeof clean>(9).fill(clean), { ...clean, ...own }]).at(-1);
    expect(of({})).toEqual([]);
    expect(of({ range: 0, contrast: 0 })).toEqual(['constant']);
    expect(of({ contrast: 0.05 })).toEqual(['low-contrast']);
    expect(of({ clipped: 0.4, noise: 0.2 })).toEqual(['clipped', 'noisy']);
  });

  it("hashes a picture by SciPy's cosine transform; what is done to a copy changes few bits", () => {
    const { image, hash } = reference.hash;
    const values = Float32Array.from(image);
    expect(perceptualHash(values, 32, 32, 1)).toBe(BigInt(hash));
    const brighter = values.map((value) => 0.8 * value + 0.1);
    expect(hammingDistance(perceptualHash(brighter, 32, 32, 1), BigInt(hash))).toBeLessThanOrEqual(1);
    const stream = new RandomStream(1, 'other');
    const other = values.map(() => stream.uniform());
    expect(hammingDistance(perceptualHash(other, 32, 32, 1), BigInt(hash))).toBeGreaterThan(15);
  });

  it('finds near-duplicates between patients and between sets, not the slices of one patient', () => {
    const image = (set: string, patientKey: string, hash: bigint, pixels: string): Lookalike => ({
      ...{ instanceId: 0, frameIndex: 0, set, patientKey, hash, pixels, label: patientKey },
    });
    const images = [
      image('test', 'a', 0n, 'one'),
      image('test', 'a', 1n, 'two'),
      image('test', 'b', 3n, 'three'),
      image('train', 'c', 0n, 'one'),
      image('train', 'd', 2n ** 60n - 1n, 'four'),
    ].map((one, instanceId) => ({ ...one, instanceId }));
    const alike = { values: Float32Array.from(images.flatMap(() => [1, 0.1])), size: 2 };
    const pairs = nearDuplicates(images, alike, 'test').map(
      ({ first, second, kind, samePatient, sameLabel }) => [
        first.instanceId,
        second.instanceId,
        kind,
        samePatient,
        sameLabel,
      ],
    );
    expect(pairs[0]).toEqual([0, 3, 'pixels', false, false]);
    expect(pairs.map(([a, b]) => `${String(a)}-${String(b)}`).sort()).toEqual([
      '0-2',
      '0-3',
      '1-2',
      '1-3',
      '2-3',
    ]);
    const unlike = { values: Float32Array.from(images.flatMap((_, at) => [at % 2, 1 - (at % 2)])), size: 2 };
    expect(nearDuplicates(images, unlike, 'test').map(({ second }) => second.instanceId)).toContain(3);
    expect(
      nearDuplicates(images, unlike, 'test').some(
        ({ first, second }) => first.instanceId === 0 && second.instanceId === 1,
      ),
    ).toBe(false);
  });

  it('groups what lies together', () => {
    const stream = new RandomStream(2, 'groups');
    const values = Float32Array.from(
      { length: 60 },
      (_, at) => (Math.floor(at / 2) % 3) * 10 + stream.normal(0, 0.5),
    );
    const groupOf = kMeans({ values, size: 2 }, 3, 1);
    expect(new Set(groupOf).size).toBe(3);
    groupOf.forEach((group, row) => expect(group).toBe(groupOf[row % 3]));
  });

  it('asks patients and not images: labels that only patients have are not told from many images of each', () => {
    // Ten images of each patient lie together, and labels are dealt to patients at random.
    const stream = new RandomStream(4, 'patients');
    const patients = Array.from({ length: 200 }, (_, at) => `p${Math.floor(at / 10)}`);
    const places = Array.from({ length: 20 }, () => [stream.normal(), stream.normal(), stream.normal()]);
    const values = Float32Array.from(
      patients.flatMap((_, at) => places[Math.floor(at / 10)].map((one) => one + stream.normal(0, 0.05))),
    );
    const dealt = stream.shuffle(Array.from({ length: 20 }, (_, at) => at % 2));
    const labels = patients.map((_, at) => dealt[Math.floor(at / 10)]);
    const outcome = probe({ components: { values, size: 3 }, labels, classes: 2, patients, seed: 1 });
    expect(outcome).toMatchObject({ chance: 0.5, images: 200, patients: 20 });
    expect(outcome.pValue).toBeGreaterThan(0.05);
    // The same images with a label that goes with where they lie.
    const told = patients.map((_, at) => Number(places[Math.floor(at / 10)][0] > 0));
    const better = probe({ components: { values, size: 3 }, labels: told, classes: 2, patients, seed: 1 });
    expect(better.balancedAccuracy.value).toBeGreaterThan(0.8);
    expect(better.pValue).toBeLessThan(0.02);
    expect(better.balancedAccuracy.low!).toBeGreaterThan(0.5);
  });
});
