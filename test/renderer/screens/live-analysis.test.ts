import { describe, expect, it } from 'vitest';
import { analysisSettings } from '../../../src-main/contract/analysis-settings.ts';
import type { ScoredAttribute } from '../../../src-main/contract/calls/evaluations.ts';
import { calibrate } from '../../../src-main/evaluation/calibration.ts';
import { wilsonInterval } from '../../../src-main/evaluation/inference/proportions.ts';
import { RankedScores } from '../../../src-main/evaluation/roc.ts';
import {
  decisionCurve,
  predictiveValues as atPrevalence,
} from '../../../src-main/evaluation/thresholds/index.ts';
import { AnalysisDraft } from '../../../src-renderer/screens/evaluate/analysis-draft.svelte.ts';
import { netBenefit, predictiveValues } from '../../../src-renderer/screens/evaluate/benefit.ts';
import type { ScoredImage } from '../../../src-renderer/screens/evaluate/evaluation.svelte.ts';
import { LiveGroups, share } from '../../../src-renderer/screens/evaluate/live-groups.ts';
import { tenths } from '../../../src-renderer/screens/evaluate/tenths.ts';
import { OperatingPoints, sensitivity } from '../../../src-renderer/screens/evaluate/operating.ts';

/** The same numbers every time, where a page's test has no streams (Park and Miller 1988). */
function numbers(): { uniform: () => number; normal: () => number } {
  let state = 20_261;
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

const GROUPS = ['North', 'South', 'West'];

function images(count: number, classes = 2): ScoredImage[] {
  const random = numbers();
  return Array.from({ length: count }, (_, at): ScoredImage => {
    const label = Math.floor(classes * random.uniform());
    const raw = Array.from({ length: classes }, (_, k) =>
      Math.exp(random.normal() + 2 * Number(k === label)),
    );
    const sum = raw.reduce((total, value) => total + value, 0);
    const probabilities = raw.map((value) => Math.round((1000 * value) / sum) / 1000);
    const predicted = probabilities.indexOf(Math.max(...probabilities));
    const pseudonym = `P-${at >> 2}`;
    return { at, instanceId: at, frameIndex: 0, pseudonym, label, predicted, confidence: 1, probabilities };
  });
}

const attributeOf = (count: number): ScoredAttribute => ({
  attribute: 'Manufacturer',
  values: GROUPS,
  codes: Array.from({ length: count }, (_, at) => (at % 10 === 9 ? -1 : at % 3)),
});

describe('groups at any threshold', () => {
  it('are counted image by image, unknown ones left out', () => {
    const all = images(400);
    const attribute = attributeOf(all.length);
    const live = new LiveGroups(all, attribute, 1);
    for (const threshold of [0, 0.2, 0.5, 0.731, 1]) {
      for (const [g, one] of live.at(threshold).entries()) {
        const own = all.filter(({ at }) => attribute.codes[at] === g);
        const scores = own.map(({ probabilities }) => probabilities[1]);
        const positive = own.map(({ label }) => label === 1);
        const called = (of: boolean): number =>
          scores.filter((score, i) => positive[i] === of && score >= threshold === of).length /
          positive.filter((is) => is === of).length;
        const [hits, rejections] = [called(true), called(false)];
        expect([one.group, one.images]).toEqual([GROUPS[g], own.length]);
        expect(one.sensitivity.value).toBeCloseTo(hits, 12);
        expect(one.specificity.value).toBeCloseTo(rejections, 12);
        expect(one.auc).toBeCloseTo(new RankedScores(scores, positive).auc()!, 12);
      }
    }
  });

  it('have the interval of a share that the statistics give', () => {
    for (const [part, whole] of [
      [0, 9],
      [9, 9],
      [31, 60],
    ])
      expect(share(part, whole)).toEqual({
        value: part / whole,
        low: expect.closeTo(wilsonInterval(part, whole)!.low, 12) as number,
        high: expect.closeTo(wilsonInterval(part, whole)!.high, 12) as number,
      });
    expect(share(0, 0).value).toBeNull();
  });

  it('leave out what is not known of a finding', () => {
    const all = images(40).map((one) => ({
      ...one,
      label: -1,
      findings: [null, one.at % 2 === 0 ? 1 : 0] as (0 | 1 | null)[],
    }));
    const attribute: ScoredAttribute = { attribute: 'source', values: ['a'], codes: all.map(() => 0) };
    expect(new LiveGroups(all, attribute, 0).at(0.5)).toEqual([]);
    expect(new LiveGroups(all, attribute, 1).at(0.5)[0].images).toBe(40);
  });
});

describe('a decision curve', () => {
  const all = images(500);
  const points = new OperatingPoints(all, 1);
  const positive = all.map(({ label }) => label === 1);
  const scores = all.map(({ probabilities }) => probabilities[1]);

  it.each([undefined, 0.02, 0.7])('is that of the statistics at a prevalence of %s', (prevalence) => {
    const own = positive.filter(Boolean).length / all.length;
    const { model, treatAll } = netBenefit((threshold) => points.at(threshold), prevalence ?? own);
    const reference = decisionCurve(positive, scores, prevalence === undefined ? {} : { prevalence });
    reference.forEach((point, at) => {
      expect(model[at][1]).toBeCloseTo(point.model, 12);
      expect(treatAll[at][1]).toBeCloseTo(point.treatAll, 12);
    });
  });

  it('comes with the predictive values of that prevalence', () => {
    const one = points.at(0.6);
    const reference = atPrevalence(
      {
        sensitivity: sensitivity(one)!,
        specificity: one.trueNegatives / (one.trueNegatives + one.falsePositives),
      },
      0.03,
    );
    expect(predictiveValues(one, 0.03).positive).toBeCloseTo(reference.positive!, 12);
    expect(predictiveValues(one, 0.03).negative).toBeCloseTo(reference.negative!, 12);
  });
});

describe('how many images lie at each certainty', () => {
  it('stands at the tenth that they are of, whatever tenths are empty', () => {
    const labels = [0, 1, 2, 0, 3];
    const probabilities = [0.35, 0.38, 0.75, 0.95, 1].map((best, i) =>
      Array.from({ length: 4 }, (_, k) => (k === labels[i] ? best : (1 - best) / 3)),
    );
    const { bins } = calibrate(
      labels,
      probabilities.map((row) => Float32Array.from(row)),
    );
    expect(tenths(bins).map(({ count }) => count)).toEqual([0, 0, 0, 2, 0, 0, 0, 1, 0, 2]);
    expect(tenths(bins)[3]).toEqual({ from: 30, to: 40, count: 2 });
    expect(tenths(bins).reduce((sum, { count }) => sum + count, 0)).toBe(5);
    expect(tenths([])).toHaveLength(10);
  });
});

describe('ten thousand predictions of five classes', () => {
  /** The best of three: the machine may be busy with other things. `node bench/evaluation.ts` prints them. */
  const cost = (work: () => void): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const start = performance.now();
        work();
        return performance.now() - start;
      }),
    );

  it('answer a new threshold, prevalence or attribute within a tenth of a second', () => {
    const all = images(10_000, 5);
    const attribute = attributeOf(all.length);
    let groups = new LiveGroups(all, attribute, 1);
    let points = new OperatingPoints(all, 1);
    const chosen = cost(() => {
      groups = new LiveGroups(all, attribute, 2);
      groups.at(0.5);
    });
    const moved = cost(() => {
      groups.at(0.37);
      points.at(0.37);
    });
    const sorted = cost(() => (points = new OperatingPoints(all, 2)));
    const prevalence = cost(() => netBenefit((threshold) => points.at(threshold), 0.04));
    for (const taken of [chosen, moved, sorted, prevalence]) expect(taken).toBeLessThan(100);
  });
});

describe('settings of an analysis being changed', () => {
  const settings = analysisSettings.parse({
    threshold: { kind: 'cost', falseNegative: 5, falsePositive: 2 },
  });

  it('begin as they are, and are whole only within their bounds', () => {
    const draft = new AnalysisDraft(settings);
    expect(draft.settings).toEqual(settings);
    draft.prevalence = 1.5;
    expect(draft.settings).toBeNull();
    draft.prevalence = 0.1;
    expect(draft.settings!.threshold).toEqual({
      kind: 'cost',
      falseNegative: 5,
      falsePositive: 2,
      prevalence: 0.1,
    });
    draft.kind = 'sensitivity';
    draft.least = null;
    expect(draft.settings).toBeNull();
    draft.least = 0.9;
    draft.miss = 0;
    expect(draft.settings).toBeNull();
    draft.miss = 0.2;
    expect(analysisSettings.parse(draft.settings)).toMatchObject({ miss: 0.2, threshold: { least: 0.9 } });
  });

  it('test eight attributes at most', () => {
    const draft = new AnalysisDraft(settings);
    for (const one of ['KVP', 'Rows', 'Columns', 'Modality', 'StationName', 'Laterality'] as const)
      draft.toggle(one);
    expect(draft.subgroups).toHaveLength(8);
    draft.toggle('KVP');
    draft.toggle('KVP');
    expect(draft.subgroups.at(-1)).toBe('KVP');
  });
});
