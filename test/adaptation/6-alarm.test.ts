import { describe, expect, it } from 'vitest';
import {
  adaptationVerdict,
  estimatePrevalence,
  heapEvidence,
  prevalenceCauses,
  selectCandidate,
  unexplainedDistance,
} from '../../src-main/adaptation/alarm/index.ts';
import { shiftedPrevalence } from '../../src-main/adaptation/label-shift/index.ts';
import { mutualInformation } from '../../src-main/adaptation/validators/index.ts';
import type {
  AuditResult,
  LabelFreeValidators,
  PrevalenceEstimates,
} from '../../src-main/contract/adaptation-judgement.ts';
import {
  accuracyOf,
  harmless,
  hurting,
  simulateAdaptation,
  type SimulatedCase,
} from './simulated-domains.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function judged(seed: number, one: SimulatedCase) {
  const { prior, labels, before, after, patients, truth, features } = simulateAdaptation(seed, one);
  const heaps = shiftedPrevalence(before.source, labels, before.target)!;
  const unexplained = unexplainedDistance(features.source, labels, features.target, heaps.prevalence, seed);
  const evidence = heapEvidence(heaps, before.target, after.target, patients, unexplained, seed);
  const prevalence = estimatePrevalence(prior, before.source, labels, before.target, patients, heaps, seed);
  const causes = prevalenceCauses(prevalence, ['glioma', 'normal', 'pituitary'].slice(0, prior.length));
  return {
    evidence,
    prevalence,
    verdict: adaptationVerdict(null, evidence, causes),
    real: accuracyOf(after.target, truth) - accuracyOf(before.target, truth),
    before,
    after,
  };
}

describe.each(Object.entries(hurting))('adaptation that hurts: %s', (_, one) => {
  const runs = SEEDS.map((seed) => judged(seed, one));

  it('hurts', () => {
    const mean = runs.reduce((sum, { real }) => sum + real, 0) / runs.length;
    expect(mean).toBeLessThan(-0.05);
  });

  it('rings in 9 of 10 runs at least, without a label, and says that classes differ in frequency', () => {
    expect(runs.filter(({ verdict }) => verdict.alarm).length).toBeGreaterThanOrEqual(9);
    for (const { verdict } of runs)
      if (verdict.alarm) expect(verdict.causes.join(' ')).toMatch(/differ in frequency|no “/);
  });
});

describe.each(Object.entries(harmless))('adaptation that does no harm: %s', (_, one) => {
  const runs = [...SEEDS, ...SEEDS.map((seed) => seed + 10)].map((seed) => judged(seed, one));

  it('does none worth the name', () => {
    expect(runs.every(({ real }) => real > -0.08)).toBe(true);
  });

  it('stays silent in 9 of 10 runs at least, and rings for none that lost nothing', () => {
    expect(runs.filter(({ verdict }) => !verdict.alarm).length).toBeGreaterThanOrEqual(18);
    for (const { verdict, real } of runs) if (verdict.alarm) expect(real).toBeLessThan(0);
  });
});

describe('estimates without labels', () => {
  const all = [...Object.values(hurting), ...Object.values(harmless)];

  it('come within five points of what adapting really brought, on average', () => {
    const errors = all.flatMap((one) =>
      SEEDS.slice(0, 4).map((seed) => {
        const { evidence, real } = judged(seed, one);
        return Math.abs(evidence.difference - real);
      }),
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.05);
  });

  it('find the prevalence where the look has changed, which BBSE and EM take for a prevalence', () => {
    const runs = SEEDS.map((seed) => judged(seed, harmless['another look']).prevalence);
    const error = (found: (of: PrevalenceEstimates) => ArrayLike<number>): number =>
      runs.reduce((sum, one) => sum + Math.abs(found(one)[0] - 0.5), 0) / runs.length;
    expect(error(({ shifted }) => shifted!.estimate)).toBeLessThan(0.06);
    expect(error(({ maximised }) => maximised!)).toBeGreaterThan(0.15);
    expect(error(({ blackBox }) => blackBox!)).toBeGreaterThan(0.1);
  });

  it('know no heaps where a class has one validation image only', () => {
    const { before } = simulateAdaptation(1, harmless.nothing);
    const labels = [0, ...Array.from({ length: 79 }, () => 1)];
    expect(shiftedPrevalence(before.source, labels, before.target)).toBeNull();
    expect(adaptationVerdict(null, null, []).state).toBe('unknown');
  });
});

describe('the rule', () => {
  const audit = (change: Partial<AuditResult>): AuditResult => ({
    patients: 80,
    before: 0.8,
    after: 0.7,
    difference: -0.1,
    low: -0.18,
    high: -0.02,
    onlyBefore: 10,
    onlyAfter: 2,
    p: 0.02,
    ...change,
  });
  const clear = {
    patients: 100,
    before: 0.9,
    after: 0.7,
    difference: -0.2,
    low: -0.26,
    high: -0.15,
    certainty: 0.95,
    unexplained: 0.4,
  };

  it('lets labels decide, whatever answers say', () => {
    expect(
      adaptationVerdict(audit({}), { ...clear, low: 0.1, high: 0.2, difference: 0.15 }, ['x']).state,
    ).toBe('worse');
    const better = adaptationVerdict(
      audit({ after: 0.9, difference: 0.1, low: 0.02, high: 0.18 }),
      clear,
      [],
    );
    expect([better.state, better.alarm, better.by]).toEqual(['better', false, 'audit']);
  });

  it('rings by answers where the audit is too small to tell', () => {
    const small = adaptationVerdict(audit({ p: 0.5 }), clear, ['Classes differ in frequency.']);
    expect([small.alarm, small.by]).toEqual([true, 'answers']);
    expect(small.causes).toHaveLength(1);
    expect(small.reason).toContain('80 labelled patients');
    const ahead = adaptationVerdict(audit({ p: 0.5, difference: 0.03, low: -0.03, high: 0.09 }), clear, []);
    expect([ahead.alarm, ahead.by]).toEqual([false, 'audit']);
  });

  it('does not ring for unclear heaps, a look that is foreign, a small loss, or an uncertain one', () => {
    expect(adaptationVerdict(null, { ...clear, certainty: 0.6 }, []).state).toBe('unknown');
    const foreign = adaptationVerdict(null, { ...clear, unexplained: 1.8 }, []);
    expect([foreign.state, foreign.alarm]).toEqual(['unknown', false]);
    expect(foreign.reason).toContain('looks so different');
    expect(adaptationVerdict(null, { ...clear, difference: -0.03, low: -0.04, high: -0.02 }, []).alarm).toBe(
      false,
    );
    expect(adaptationVerdict(null, { ...clear, high: 0.01 }, []).alarm).toBe(false);
  });
});

describe('choosing by a validator', () => {
  const validators = (infoMax: number, weightedRisk: number | null = null): LabelFreeValidators => ({
    entropy: 0.5,
    infoMax,
    density: 3,
    weightedRisk,
    embeddedRisk: weightedRisk,
    effectiveImages: 10,
    heapAccuracy: null,
  });

  it('takes the best of those for which the alarm was silent', () => {
    const candidates = [
      { validators: validators(0.2, 0.3), alarm: false },
      { validators: validators(0.6, 0.1), alarm: true },
      { validators: validators(0.4), alarm: false },
    ];
    expect(selectCandidate(candidates, 'info-max')).toBe(2);
    expect(selectCandidate(candidates, 'weighted-risk')).toBe(0);
    expect(selectCandidate(candidates, 'heap-accuracy')).toBe(-1);
  });

  it('needs the alarm: InfoMax alone prefers what hurts', () => {
    const runs = SEEDS.map((seed) => judged(seed, hurting['label shift']));
    const fooled = runs.filter(
      ({ before, after }) => mutualInformation(after.target) > mutualInformation(before.target),
    );
    expect(fooled.length).toBeGreaterThan(5);
  });
});
