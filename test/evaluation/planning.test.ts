import { describe, expect, it } from 'vitest';
import { mcnemarCounts } from '../../src-main/evaluation/inference/index.ts';
import {
  aucPrecisionSampleSize,
  designEffect,
  detectableAucDifference,
  detectableDifference,
  fitLearningCurve,
  independentDiscordance,
  pairedAucSampleSize,
  pairedPower,
  pairedSampleSize,
  planStudy,
  studentInterval,
} from '../../src-main/evaluation/planning/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(17, 'planning');

describe('patients for two accuracies', () => {
  it('are as many as find the difference that often, in trials with McNemar’s test', () => {
    const [onlyFirst, onlySecond] = [0.15, 0.05];
    const patients = pairedSampleSize(onlyFirst - onlySecond, onlyFirst + onlySecond);
    let found = 0;
    for (let trial = 0; trial < 500; trial++) {
      let [first, second] = [0, 0];
      for (let i = 0; i < patients; i++) {
        const drawn = random.uniform();
        if (drawn < onlyFirst) first++;
        else if (drawn < onlyFirst + onlySecond) second++;
      }
      found += Number(mcnemarCounts(first, second).midP < 0.05);
    }
    expect(Math.abs(found / 500 - 0.8)).toBeLessThan(0.06);
  });

  it('and the difference they find are two ways to say one thing', () => {
    const patients = pairedSampleSize(0.07, 0.2);
    expect(detectableDifference(patients, 0.2)).toBeCloseTo(0.07, 3);
    expect(pairedPower(patients, 0.07, 0.2)).toBeGreaterThanOrEqual(0.8);
    expect(pairedPower(patients - 1, 0.07, 0.2)).toBeLessThan(0.8);
  });

  it('are not enough where no difference would be found', () => {
    expect(detectableDifference(3, 0.2)).toBeNull();
    expect(detectableAucDifference(0.9, { positives: 3, negatives: 3 })).toBeNull();
  });

  it('are refused for a difference of nothing, and one that models cannot have', () => {
    expect(() => pairedSampleSize(0, 0.2)).toThrow(/found 0/);
    expect(() => pairedSampleSize(0.3, 0.2)).toThrow(/from the difference 0.3 to 1, found 0.2/);
    expect(() => pairedAucSampleSize(0.8, 0.8)).toThrow(/difference/);
  });

  it('grow with images that are alike, up to one for each image', () => {
    expect([designEffect(5, 0), designEffect(5, 0.5), designEffect(5, 1)]).toEqual([1, 3, 5]);
    expect(independentDiscordance(0.9, 0.8)).toBeCloseTo(0.26, 12);
  });
});

describe('patients for areas', () => {
  it('are more where scores are binormal, and where the interval is to be narrower', () => {
    const exponential = pairedAucSampleSize(0.8, 0.88);
    expect(pairedAucSampleSize(0.8, 0.88, { model: 'binormal' }).positives).toBeGreaterThan(
      exponential.positives,
    );
    const wide = aucPrecisionSampleSize(0.85, 0.06).positives;
    expect(aucPrecisionSampleSize(0.85, 0.03).positives / wide).toBeCloseTo(4, 0);
  });
});

describe('the learning curve', () => {
  const cases = [25, 50, 100, 150, 200, 300, 400, 500];
  const truth = (n: number): number => 0.93 - 1.2 * n ** -0.55;

  it('finds a curve without noise, and says how many cases a score takes', () => {
    const curve = fitLearningCurve(cases, cases.map(truth))!;
    expect(curve.ceiling).toBeCloseTo(0.93, 6);
    expect(curve.rate).toBeCloseTo(0.55, 6);
    expect(curve.at(1500).score).toBeCloseTo(truth(1500), 6);
    expect(truth(curve.casesFor(0.91)!)).toBeGreaterThanOrEqual(0.91 - 1e-7);
    expect(curve.casesFor(0.95)).toBeNull();
  });

  it('holds the truth in its interval about as often as it says', () => {
    let [covered, fitted] = [0, 0];
    for (let trial = 0; trial < 200; trial++) {
      const curve = fitLearningCurve(
        cases,
        cases.map((n) => truth(n) + 0.004 * random.normal()),
        cases.map(() => 1),
      );
      if (!curve) continue;
      const { low, high } = curve.at(1000);
      covered += Number(low <= truth(1000) && truth(1000) <= high);
      fitted++;
    }
    expect(fitted).toBeGreaterThan(180);
    expect(covered / fitted).toBeGreaterThan(0.88);
  });

  it('is none with few sizes, of a level line, and of scores that fall', () => {
    expect(fitLearningCurve([10, 10, 20, 30, 30], [0.5, 0.5, 0.6, 0.7, 0.7])).toBeNull();
    expect(
      fitLearningCurve(
        cases,
        cases.map(() => 0.8),
      ),
    ).toBeNull();
    expect(
      fitLearningCurve(
        cases,
        cases.map((n) => 0.5 + n ** -0.5),
      ),
    ).toBeNull();
    expect(fitLearningCurve(cases, cases.map(Math.log))).toBeNull();
  });
});

describe('the plan of a study', () => {
  it('answers what was asked, and nothing else', () => {
    expect(planStudy({})).toMatchObject({ accuracies: null, area: [], designEffect: 1, curve: null });
    const plan = planStudy({
      accuracies: { difference: 0.05, discordant: 0.15 },
      area: { auc: 0.85, other: 0.9, halfWidth: 0.05, prevalence: 0.2 },
      imagesPerPatient: 4,
      alike: 0.5,
    });
    expect(plan.accuracies).toEqual({
      patients: pairedSampleSize(0.05, 0.15),
      images: Math.ceil(2.5 * pairedSampleSize(0.05, 0.15)),
    });
    expect(plan.area.map(({ what }) => what)).toEqual(['difference', 'half-width']);
    for (const { positives, negatives } of plan.area) expect(negatives).toBe(4 * positives);
  });

  it('goes on along a learning curve, three times as far as it was seen, and says when a target lies beyond', () => {
    const scoreAt = (n: number): number => 0.9 - 0.8 * n ** -0.5;
    const points = [40, 80, 160, 320].map((patients) => ({ patients, score: scoreAt(patients) }));
    const near = planStudy({ points, target: 0.87 }).curve!;
    expect(near.ceiling).toBeCloseTo(0.9, 6);
    expect(near.needed).toBe(Math.ceil((0.8 / 0.03) ** 2 - 1e-6));
    expect(near.farther).toBe(false);
    expect(near.points[0].patients).toBe(40);
    expect(near.points.at(-1)).toMatchObject({ patients: 960 });
    expect(near.points.at(-1)!.score).toBeCloseTo(scoreAt(960), 6);
    expect(planStudy({ points, target: 0.89 }).curve!.farther).toBe(true);
    expect(planStudy({ points, target: 0.95 }).curve!.needed).toBeNull();
    expect(planStudy({ points: points.slice(1), target: 0.8 }).curve).toBeNull();
  });
});

describe('the interval of a mean', () => {
  it('is Student’s, and none of one value', () => {
    // t with two degrees of freedom at 97.5 % is 4.302653; the standard error of 1, 2, 3 is 1 ÷ √3.
    const interval = studentInterval([1, 2, 3])!;
    expect(interval.high).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5);
    expect(interval.low).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5);
    expect(studentInterval([0.7])).toBeNull();
  });
});
