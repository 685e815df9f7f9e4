import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  coralDistance,
  type DomainFeatures,
  domainDistances,
  fitDomainClassifier,
  type Halves,
  meanDiscrepancy,
  proxyADistance,
  proxyADistanceOf,
  targetLogOdds,
} from '../../src-main/adaptation/distances/index.ts';
import { mapDomains, principalPlane, tsne } from '../../src-main/adaptation/domain-map/index.ts';
import { divergence, jointAffinities } from '../../src-main/adaptation/domain-map/t-sne.ts';
import { blackBoxPrevalence, maximisedPrevalence } from '../../src-main/adaptation/label-shift/index.ts';
import {
  deepEmbeddedRisk,
  effectiveCount,
  importanceWeightedRisk,
  importanceWeights,
  meanEntropy,
  mutualInformation,
  softNeighbourhoodDensity,
} from '../../src-main/adaptation/validators/index.ts';
import {
  compareFigures,
  differenceSentence,
  imageFigures,
  standardisedDifference,
} from '../../src-main/adaptation/what-differs/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

interface Reference {
  distances: {
    name: string;
    source: number[][];
    target: number[][];
    sides: [number[], number[]];
    proxyA: number;
    mmd: number;
    coral: number;
    odds: number[];
  }[];
  validators: {
    name: string;
    probabilities: number[][];
    entropy: number;
    information: number;
    density: number;
    weights: number[];
    losses: number[];
    weighted: number;
    embedded: number;
    effective: number;
  }[];
  shifts: {
    name: string;
    classes: number;
    answered: number[];
    truth: number[];
    target: number[];
    blackBox: number[];
    prior: number[];
    probabilities: number[][];
    maximised: number[];
  }[];
  images: {
    name: string;
    height: number;
    width: number;
    values: number[];
    noise: number;
    smoothness: number;
    brightness: number;
    contrast: number;
  }[];
  map: {
    points: number[][];
    perplexity: number;
    joint: number[];
    embedding: number[][];
    divergence: number;
    gradient: number[];
    reached: number;
    plane: number[][];
  };
  effect: { first: number[]; second: number[]; g: number; low: number; high: number };
}

// What scikit-learn, scipy, torch and numpy give: reference/make_domains.py.
const reference = JSON.parse(
  readFileSync(new URL('reference/domains.json', import.meta.url), 'utf8'),
) as Reference;

const domainOf = (rows: number[][], name = 'p'): DomainFeatures => ({
  features: Float64Array.from(rows.flat()),
  size: rows[0].length,
  patients: rows.map((_, at) => `${name}${at}`),
});

const placesOf = (sides: number[]): Halves => [
  [...sides.keys()].filter((at) => sides[at] === 0),
  [...sides.keys()].filter((at) => sides[at] === 1),
];

/** Images of patients, around a point of the first feature. */
function drawn(seed: number, patients: number, images: number, shift: number, name = 'p'): DomainFeatures {
  const random = new RandomStream(seed, 'test', name);
  const rows = Array.from({ length: patients }, () => {
    const own = [random.normal(), random.normal(), random.normal()];
    return Array.from({ length: images }, () =>
      own.map((value, f) => value + random.normal(0, 0.2) + (f === 0 ? shift : 0)),
    );
  });
  return {
    ...domainOf(rows.flat()),
    patients: rows.flatMap((own, at) => own.map(() => `${name}${at}`)),
  };
}

describe.each(reference.distances)('distances of domains that are $name', (one) => {
  const [source, target] = [domainOf(one.source, 's'), domainOf(one.target, 't')];

  it('tells domains apart on the other half as often as scikit-learn', () => {
    expect(proxyADistanceOf(source, target, placesOf(one.sides[0]), placesOf(one.sides[1]))).toBeCloseTo(
      one.proxyA,
      10,
    );
    const odds = targetLogOdds(fitDomainClassifier(source, target), source);
    one.odds.forEach((value, at) => expect(odds[at]).toBeCloseTo(value, 2));
  });

  it('has the MMD and the CORAL distance of the printed formulas', () => {
    expect(meanDiscrepancy(source, target, 1, 1).squared).toBeCloseTo(one.mmd, 6);
    expect(coralDistance(source, target)).toBeCloseTo(one.coral, 5);
  });
});

describe('how far domains are apart', () => {
  it('finds patients, and not their many images: chance alone is not called a difference', () => {
    const ps = [1, 2, 3, 4, 5, 6].map(
      (seed) => meanDiscrepancy(drawn(seed, 12, 8, 0, 'a'), drawn(seed, 12, 8, 0, 'b'), seed).p,
    );
    expect(ps.filter((p) => p < 0.05).length).toBeLessThanOrEqual(1);
    expect(meanDiscrepancy(drawn(1, 12, 8, 3, 'a'), drawn(1, 12, 8, 0, 'b'), 1).p).toBeLessThan(0.02);
  });

  it('never learns and judges by one patient, though both domains have images of him', () => {
    // The same two patients in both: with their images on one side of the halves, nothing tells the domains apart.
    const both = drawn(3, 2, 20, 0);
    expect(proxyADistance(both, { ...both, features: both.features.map((value) => value + 5) }, 1)).toBe(2);
    expect(proxyADistance(both, both, 1)).toBe(0);
    const alone = drawn(3, 1, 20, 0);
    expect(domainDistances(alone, drawn(4, 1, 20, 0), 1).proxyA).toBeNull();
  });

  it('does not depend on the scale of the features', () => {
    const [source, target] = [drawn(1, 20, 2, 0, 'a'), drawn(2, 20, 2, 1, 'b')];
    const scaled = (domain: DomainFeatures): DomainFeatures => ({
      ...domain,
      features: Float64Array.from(domain.features, (value, at) => value * [1, 50, 0.01][at % 3] + 7),
    });
    const plain = domainDistances(source, target, 4);
    const other = domainDistances(scaled(source), scaled(target), 4);
    expect(other.mmd).toBeCloseTo(plain.mmd!, 6);
    expect(other.coral).toBeCloseTo(plain.coral!, 6);
    expect(other.proxyA).toBeCloseTo(plain.proxyA!, 6);
  });
});

describe.each(reference.validators)('validators of answers that are $name', (one) => {
  const answers = {
    probabilities: Float64Array.from(one.probabilities.flat()),
    classes: one.probabilities[0].length,
  };

  it('are those of the printed formulas', () => {
    expect(meanEntropy(answers)).toBeCloseTo(one.entropy, 8);
    expect(mutualInformation(answers)).toBeCloseTo(one.information, 8);
    expect(softNeighbourhoodDensity(answers)).toBeCloseTo(one.density, 8);
    expect(importanceWeightedRisk(one.weights, one.losses)).toBeCloseTo(one.weighted, 10);
    expect(deepEmbeddedRisk(one.weights, one.losses)).toBeCloseTo(one.embedded, 10);
    expect(effectiveCount(one.weights)).toBeCloseTo(one.effective, 10);
  });
});

describe('importance weights', () => {
  it('estimate the error in the target from labelled images of the source', () => {
    // Errors happen where the first feature is large; the target has more of that.
    const [learned, judged, target] = [
      drawn(1, 300, 1, 0, 'a'),
      drawn(2, 300, 1, 0, 'b'),
      drawn(3, 300, 1, 1, 'c'),
    ];
    const wrong = (domain: DomainFeatures): number[] =>
      domain.patients.map((_, at) => (domain.features[3 * at] > 1 ? 1 : 0));
    const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    const weights = importanceWeights(learned, target, judged);
    const truth = mean(wrong(target));
    expect(Math.abs(deepEmbeddedRisk(weights, wrong(judged)) - truth)).toBeLessThan(0.1);
    expect(Math.abs(mean(wrong(judged)) - truth)).toBeGreaterThan(0.2);
  });
});

describe.each(reference.shifts)('prevalence in a target: $name', (one) => {
  it('is what the equations give', () => {
    const found = blackBoxPrevalence(one.answered, one.truth, one.target, one.classes)!;
    one.blackBox.forEach((share, c) => expect(found[c]).toBeCloseTo(share, 8));
    const answers = { probabilities: Float64Array.from(one.probabilities.flat()), classes: one.classes };
    const { prevalence, probabilities } = maximisedPrevalence(answers, one.prior);
    one.maximised.forEach((share, c) => expect(prevalence[c]).toBeCloseTo(share, 5));
    const sums = Array.from({ length: 3 }, (_, row) =>
      probabilities.subarray(row * one.classes, (row + 1) * one.classes).reduce((sum, p) => sum + p, 0),
    );
    sums.forEach((sum) => expect(sum).toBeCloseTo(1, 10));
  });
});

it('says nothing of the prevalence where the model cannot tell the classes apart', () => {
  const truth = [0, 0, 0, 1, 1, 1];
  expect(blackBoxPrevalence([0, 1, 0, 0, 1, 0], truth, [0, 1], 2)).toBeNull();
  expect(blackBoxPrevalence([0, 0, 0], [0, 0, 0], [0, 1], 2)).toBeNull();
});

describe('the map', () => {
  const { points, perplexity, joint, embedding, gradient, plane, reached } = reference.map;
  const count = points.length;
  const squared = Float64Array.from({ length: count * count }, (_, at) =>
    points[Math.floor(at / count)].reduce((sum, value, f) => sum + (value - points[at % count][f]) ** 2, 0),
  );

  it('has the affinities, the divergence and the gradient of scikit-learn', () => {
    const affinities = jointAffinities(squared, count, perplexity);
    // scikit-learn lists each pair once.
    const pairs = [...affinities].filter((_, at) => at % count > Math.floor(at / count));
    joint.forEach((value, at) => expect(pairs[at]).toBeCloseTo(value, 5));
    const found = divergence(affinities, Float64Array.from(embedding.flat()));
    expect(found.value).toBeCloseTo(reference.map.divergence, 3);
    gradient.forEach((value, at) => expect(found.gradient[at]).toBeCloseTo(value, 4));
  });

  it('begins at the plane of the principal components and ends where scikit-learn does', async () => {
    const start = principalPlane(points.flat(), points[0].length);
    plane.flat().forEach((value, at) => expect(start[at]).toBeCloseTo(value, 4));
    const map = await tsne(squared, start, { perplexity });
    expect(divergence(jointAffinities(squared, count, perplexity), map).value).toBeLessThan(reached * 1.1);
    expect(await tsne(squared, start, { perplexity })).toEqual(map);
  });

  it('keeps domains apart that are apart, and can be stopped', async () => {
    const [source, target] = [drawn(1, 20, 1, 0, 'a'), drawn(2, 20, 1, 9, 'b')];
    const map = await mapDomains(source, target);
    const x = (from: number): number =>
      Array.from({ length: 20 }, (_, at) => map[2 * (from + at)]).reduce((sum, v) => sum + v, 0) / 20;
    const y = (from: number): number =>
      Array.from({ length: 20 }, (_, at) => map[2 * (from + at) + 1]).reduce((sum, v) => sum + v, 0) / 20;
    expect(Math.hypot(x(0) - x(20), y(0) - y(20))).toBeGreaterThan(3);
    await expect(mapDomains(source, target, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe.each(reference.images)('figures of an image: $name', (one) => {
  it('are those of numpy and scipy', () => {
    const figures = imageFigures(one);
    expect(figures.noise).toBeCloseTo(one.noise, 10);
    expect(figures.smoothness).toBeCloseTo(one.smoothness, 8);
    expect(figures.brightness).toBeCloseTo(one.brightness, 10);
    expect(figures.contrast).toBeCloseTo(one.contrast, 8);
  });
});

describe('what differs', () => {
  const figures = (seed: number, brightness: number, noise: number) => {
    const random = new RandomStream(seed, 'figures');
    return Array.from({ length: 20 }, () => ({
      brightness: random.normal(brightness, 0.05),
      contrast: random.normal(0.2, 0.02),
      noise: random.normal(noise, 0.004),
      smoothness: random.normal(2, 0.2),
    }));
  };
  const patients = Array.from({ length: 20 }, (_, at) => `p${at}`);

  it('has the effect size and the interval of the formulas', () => {
    const { first, second, g, low, high } = reference.effect;
    const found = standardisedDifference(first, second);
    expect([found.effect, found.low, found.high]).toEqual([g, low, high].map((v) => expect.closeTo(v, 8)));
  });

  it('names what differs, the largest first, and the classes that are rarer', () => {
    const differences = compareFigures(figures(3, 0.4, 0.02), patients, figures(4, 0.5, 0.06), patients);
    const prevalence = { classes: ['glioma', 'normal'], source: [0.5, 0.5], target: [0.08, 0.92] };
    expect(differenceSentence(differences, prevalence)).toBe(
      'Images of the target are noisier and brighter. Classes probably differ in frequency: normal about 92 % in place of 50 % and glioma about 8 % in place of 50 %.',
    );
  });

  it('names nothing where nothing differs', () => {
    const differences = compareFigures(figures(3, 0.4, 0.02), patients, figures(4, 0.4, 0.02), patients);
    expect(differenceSentence(differences, null)).toBe(
      'No difference of brightness, contrast, noise or resolution between the two was found.',
    );
  });
});
