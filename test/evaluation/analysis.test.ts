import { beforeAll, describe, expect, it } from 'vitest';
import { analysisSettings, type AnalysisSettingsInput } from '../../src-main/contract/analysis-settings.ts';
import type { SetAnalysis } from '../../src-main/contract/analysis.ts';
import type { Finding } from '../../src-main/contract/dataset.ts';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import { analyse, type Analysed, type Grouping } from '../../src-main/evaluation/analysis/index.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';
import {
  compareAucs,
  aucCovariance,
  holm,
  wilsonInterval,
} from '../../src-main/evaluation/inference/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const PATIENTS = 60;
const IMAGES = 3;

/** Images of patients, three each; the better a model, the higher it scores what is true. `heat` makes it too sure. */
function answers(
  seed: number,
  classes: number,
  skill: number,
  heat = 1,
  patients = PATIENTS,
): ScoredPrediction[] {
  const random = new RandomStream(seed, 'answers');
  return Array.from({ length: patients * IMAGES }, (_, i): ScoredPrediction => {
    const patient = Math.floor(i / IMAGES);
    const label = patient % classes;
    const raw = Array.from({ length: classes }, (_, k) =>
      Math.exp(heat * (random.normal() + skill * Number(k === label))),
    );
    const sum = raw.reduce((total, value) => total + value, 0);
    return { patientKey: `key ${patient}`, label, probabilities: raw.map((value) => value / sum) };
  });
}

interface Options {
  settings?: AnalysisSettingsInput;
  groupings?: Grouping[];
  validation?: boolean;
  skills?: [number, number];
  heat?: number;
  classes?: number;
}

function analysed({ classes = 3, validation = true, ...options }: Options = {}): Analysed {
  const { skills = [0.5, 1.5], heat = 1, groupings = [] } = options;
  const names = classes === 2 ? ['no', 'yes'] : ['a', 'b', 'c'];
  const models = (['scratch', 'fine-tuned'] as const).map((approach, m) => ({
    name: approach,
    approach,
    predictions: answers(m, classes, skills[m], heat),
  }));
  const series = models[0].predictions.map((_, i) => `series ${Math.floor(i / 3)}`);
  return analyse({
    classes: names,
    multiLabel: false,
    models,
    set: { predictions: models.map(({ predictions }) => predictions), series },
    validation: validation
      ? { predictions: skills.map((skill, m) => answers(m + 10, classes, skill, heat)), series }
      : null,
    fittedHere: false,
    groupings,
    settings: analysisSettings.parse(options.settings ?? {}),
    table: evaluateModels({ classes: names, models, replicates: 200 }),
  });
}

describe('an analysis of a set', () => {
  let analysis: SetAnalysis;
  beforeAll(() => ({ analysis } = analysed()));

  it('carries no patient and no prediction', () => {
    expect(JSON.stringify(analysis)).not.toMatch(/key \d|patientKey|predictions/);
  });

  it('tests each pair by accuracy, by patient and by area, adjusted over all of them', () => {
    expect(analysis.tests.map(({ kind, target }) => [kind, target])).toEqual([
      ['permutation', null],
      ['mcnemar', null],
      ['delong', 'a'],
      ['delong', 'b'],
      ['delong', 'c'],
    ]);
    const plain = analysis.tests.map(({ pValue }) => pValue);
    expect(analysis.tests.map(({ adjusted }) => adjusted)).toEqual(holm(plain));
    const [tuned, scratch] = [answers(1, 3, 1.5), answers(0, 3, 0.5)];
    const area = compareAucs(
      aucCovariance(
        [tuned, scratch].map((of) => of.map(({ probabilities }) => probabilities[2])),
        tuned.map(({ label }) => label === 2),
        tuned.map((_, i) => Math.floor(i / IMAGES)),
      )!,
    )!;
    expect(analysis.tests[4]).toMatchObject({ difference: area.difference, pValue: area.pValue });
  });

  it('tests no area of which a side has fewer than five patients', () => {
    // Of the third class four patients are left.
    const keep = (of: ScoredPrediction[]): ScoredPrediction[] =>
      of.filter(({ label, patientKey }) => label < 2 || Number(patientKey.slice(4)) < 12);
    const models = (['scratch', 'fine-tuned'] as const).map((approach, m) => ({
      name: approach,
      approach,
      predictions: keep(answers(m, 3, 1)),
    }));
    const { analysis: few } = analyse({
      classes: ['a', 'b', 'c'],
      multiLabel: false,
      models,
      set: {
        predictions: models.map(({ predictions }) => predictions),
        series: models[0].predictions.map(() => null),
      },
      validation: null,
      fittedHere: false,
      groupings: [],
      settings: analysisSettings.parse({}),
      table: evaluateModels({ classes: ['a', 'b', 'c'], models, replicates: 50 }),
    });
    expect(few.tests.map(({ target }) => target)).toEqual([null, null, 'a', 'b']);
    expect(few.models[1].areas[2].auc.withheld).toBe('too-few-patients');
  });

  it('chooses thresholds on validation and judges them here', () => {
    const tuned = analysis.models[1];
    const chosen = answers(11, 3, 1.5);
    for (const [k, one] of tuned.operating.entries()) {
      const own = answers(1, 3, 1.5);
      const called = (of: ScoredPrediction[]) =>
        of.filter(({ probabilities }) => probabilities[k] >= one.threshold);
      const hits = called(own).filter(({ label }) => label === k).length;
      expect(one.truePositives).toBe(hits);
      expect(one.metrics.sensitivity.value).toBeCloseTo(hits / 60, 12);
      expect(one.onValidation.sensitivity).toBeCloseTo(
        called(chosen).filter(({ label }) => label === k).length / 60,
        12,
      );
      // A threshold of validation data is one of its scores.
      expect(chosen.map(({ probabilities }) => probabilities[k])).toContain(one.threshold);
      expect(one.metrics.sensitivity.low).toBeLessThan(one.metrics.sensitivity.high!);
    }
  });

  it('keeps a rule: a sensitivity that is asked for is reached where it was chosen', () => {
    const { analysis: strict } = analysed({ settings: { threshold: { kind: 'sensitivity', least: 0.95 } } });
    for (const { onValidation } of strict.models[1].operating)
      expect(onValidation.sensitivity).toBeGreaterThanOrEqual(0.95);
    const { analysis: costly } = analysed({
      settings: { threshold: { kind: 'cost', falseNegative: 20, falsePositive: 1 } },
    });
    costly.models[1].operating.forEach(({ threshold }, k) =>
      expect(threshold).toBeLessThanOrEqual(analysis.models[1].operating[k].threshold),
    );
  });

  it('cools a model that is too sure, and leaves its accuracy alone', () => {
    const { analysis: hot, fitted } = analysed({ heat: 4 });
    const [none, temperature] = hot.models[1].recalibration;
    expect([none.method, temperature.method]).toEqual(['none', 'temperature']);
    expect(fitted![1].temperatures[0]).toBeGreaterThan(2);
    expect(temperature.ece).toBeLessThan(0.5 * none.ece);
    expect(temperature.logLoss).toBeLessThan(none.logLoss);
    expect(hot.models[1].calibration[0].slope).toBeLessThan(0.5);
  });

  it('gives prediction sets that hold the true class about as often as asked for', () => {
    const [sets] = analysis.models[1].conformal;
    expect(sets.calibratedOn).toBe(PATIENTS);
    expect(sets.coverage).toBeGreaterThan(0.8);
    expect(sets.coverageRange!.high).toBeGreaterThan(0.9);
    expect(analysis.models[0].conformal[0].meanSize).toBeGreaterThan(sets.meanSize);
  });

  it('judges images, series and patients; one case for each patient has the intervals of a share', () => {
    expect(analysis.levels.map(({ unit, cases }) => [unit, cases])).toEqual([
      ['image', PATIENTS * IMAGES],
      ['series', PATIENTS],
      ['patient', PATIENTS],
    ]);
    const [images, , patients] = analysis.levels;
    const { right, wilson, metrics } = patients.models[1];
    expect(metrics.accuracy.value).toBe(right / PATIENTS);
    expect(wilson).toEqual(wilsonInterval(right, PATIENTS));
    // Three images know more than one.
    expect(metrics.accuracy.value).toBeGreaterThan(images.models[1].metrics.accuracy.value!);
    expect(images.models[1].wilson).toBeNull();
  });

  it('takes patients as cases where asked to, for everything that it computes', () => {
    const { analysis: byPatient } = analysed({ settings: { unit: 'patient' } });
    expect(byPatient.cases).toBe(PATIENTS);
    expect(byPatient.fittedOn!.cases).toBe(PATIENTS);
    expect(byPatient.models[1].operating[0].metrics.sensitivity.method).toBe('wilson');
    expect(byPatient.models[1].conformal[0].coverageRange).not.toBeNull();
  });

  it('says what a later study would need', () => {
    const [plan] = analysis.pilots;
    expect(plan).toMatchObject({ first: 'fine-tuned', second: 'scratch', patients: PATIENTS });
    expect(plan.detectable).toBeGreaterThan(0);
    const [small, , large] = plan.needed.map(({ patients }) => patients!);
    expect(small).toBeGreaterThan(large);
  });

  it('fits nothing without validation data, and still tells the rest', () => {
    const { analysis: alone, fitted } = analysed({ validation: false });
    expect(fitted).toBeNull();
    expect(alone.fittedOn).toBeNull();
    expect(alone.models[1]).toMatchObject({ operating: [], conformal: [] });
    expect(alone.models[1].recalibration.map(({ method }) => method)).toEqual(['none']);
    expect(alone.tests).toHaveLength(5);
  });
});

describe('subgroups of an analysis', () => {
  /** Patients of one group are judged by guesses. */
  const withGroup = (name: (patient: number) => string | null): Analysed => {
    const own = answers(1, 2, 2.5);
    const random = new RandomStream(4, 'guess');
    const harmed = own.map((one, i) => {
      const p = random.uniform();
      return Math.floor(i / IMAGES) % 4 < 2 ? one : { ...one, probabilities: [1 - p, p] };
    });
    const models = [{ name: 'fine-tuned', approach: 'fine-tuned' as const, predictions: harmed }];
    const series = own.map(() => null);
    return analyse({
      classes: ['no', 'yes'],
      multiLabel: false,
      models,
      set: { predictions: [harmed], series },
      validation: { predictions: [answers(11, 2, 2.5)], series },
      fittedHere: false,
      groupings: [{ attribute: 'Manufacturer', groups: own.map((_, i) => name(Math.floor(i / IMAGES))) }],
      settings: analysisSettings.parse({}),
      table: evaluateModels({ classes: ['no', 'yes'], models, replicates: 200 }),
    });
  };

  it('finds a group that is served worse, by every metric that there is for two classes', () => {
    const { subgroups } = withGroup((patient) => (patient % 4 < 2 ? 'North' : 'South')).analysis;
    expect(subgroups.map(({ metric }) => metric)).toEqual([
      'balancedAccuracy',
      'auc',
      'sensitivity',
      'specificity',
    ]);
    for (const { rows } of subgroups.slice(0, 2))
      expect(rows.map(({ group, disparity }) => [group, disparity])).toEqual([
        ['North', 'found'],
        ['South', 'found'],
      ]);
    expect(subgroups[0].rows[0].difference).toBeGreaterThan(0.2);
  });

  it('leaves out what has one value only, and counts what is not known', () => {
    expect(withGroup(() => 'North').analysis.subgroups).toEqual([]);
    const [first] = withGroup((patient) => [null, 'North', 'South'][patient % 3]).analysis.subgroups;
    expect(first.unknown).toBe(PATIENTS);
  });
});

describe('an analysis of findings', () => {
  const findings = (seed: number, skill: number): ScoredPrediction[] => {
    const random = new RandomStream(seed, 'findings');
    return Array.from({ length: PATIENTS * 2 }, (_, i): ScoredPrediction => {
      const truths = [0, 1].map((k): Finding => (i % 7 === 0 ? null : ((i >> 1) + k) % 3 === 0 ? 1 : 0));
      return {
        patientKey: `key ${i >> 1}`,
        label: -1,
        findings: truths,
        probabilities: truths.map(
          (truth) => 1 / (1 + Math.exp(-(random.normal() + skill * ((truth ?? 0.5) - 0.5) * 2))),
        ),
      };
    });
  };
  const models = (['majority', 'fine-tuned'] as const).map((approach, m) => ({
    name: approach,
    approach,
    predictions: findings(m, m * 1.5),
  }));
  const classes = ['effusion', 'mass'];
  const series = models[0].predictions.map(() => null);
  const { analysis } = analyse({
    classes,
    multiLabel: true,
    models,
    set: { predictions: models.map(({ predictions }) => predictions), series },
    validation: { predictions: [findings(5, 0), findings(6, 1.5)], series },
    fittedHere: false,
    groupings: [],
    settings: analysisSettings.parse({}),
    table: evaluateModels({ classes, multiLabel: true, models, replicates: 100 }),
  });

  it('counts known answers alone, and has a threshold, an area and a curve for each', () => {
    const tuned = analysis.models[1];
    const known = models[1].predictions.filter(({ findings: truths }) => truths![0] !== null).length;
    const [one] = tuned.operating;
    expect(one.truePositives + one.falsePositives + one.trueNegatives + one.falseNegatives).toBe(known);
    expect(tuned.areas.map(({ target, auc }) => [target, auc.method])).toEqual([
      ['effusion', 'delong'],
      ['mass', 'delong'],
    ]);
    expect(tuned.decisionCurves).toHaveLength(2);
    expect(tuned.recalibration.map(({ method }) => method)).toEqual([
      'none',
      'temperature',
      'platt',
      'isotonic',
    ]);
    expect(tuned.conformal).toEqual([]);
  });

  it('says of each finding what cannot be left out, and holds both where it is there and where it is not', () => {
    const [guessed, tuned] = analysis.models.map(({ findingSets }) => findingSets);
    expect(tuned.map(({ finding }) => finding)).toEqual(classes);
    for (const one of [...guessed, ...tuned]) {
      expect(one.present + one.absent + one.either + one.neither).toBeCloseTo(1, 12);
      expect(one.coverageOfPresent.value!).toBeGreaterThan(0.75);
      expect(one.coverageOfAbsent.value!).toBeGreaterThan(0.75);
      expect(one.coverage.low!).toBeLessThan(one.coverage.value!);
    }
    // Who guesses can say less.
    expect(guessed[0].either).toBeGreaterThan(tuned[0].either + 0.2);
  });

  it('leaves no answer out that too few validation patients have', () => {
    const rare = (seed: number) =>
      findings(seed, 1.5).map((one, i) => ({
        ...one,
        findings: [i < 8 ? 1 : 0, one.findings![1]] as const,
      }));
    const { fitted } = analyse({
      classes,
      multiLabel: true,
      models: models.slice(1),
      set: { predictions: [models[1].predictions], series },
      validation: { predictions: [rare(6)], series },
      fittedHere: false,
      groupings: [],
      settings: analysisSettings.parse({}),
      table: evaluateModels({ classes, multiLabel: true, models: models.slice(1), replicates: 20 }),
    });
    const [first] = fitted![0].findingSets!;
    expect(first).toMatchObject({ thresholds: { present: null }, calibratedOn: { present: 4 } });
    expect(first.thresholds.absent).not.toBeNull();
  });

  it('tells a model that knows something from one that guesses', () => {
    for (const { kind, adjusted, difference } of analysis.tests.filter(({ kind: of }) => of !== 'mcnemar')) {
      expect(difference, kind).toBeGreaterThan(0);
      expect(adjusted, kind).toBeLessThan(0.05);
    }
    expect(analysis.levels.map(({ mixed }) => mixed)).toEqual([0, 0, 0]);
  });
});

describe('patients with images of different classes', () => {
  it('are left out and counted as patients; where there are no others, that is said', () => {
    const own = answers(1, 2, 1).map((one, i) => ({
      ...one,
      label: i % 3 === 0 && i < 30 ? 1 - one.label : one.label,
    }));
    const models = [{ name: 'fine-tuned', approach: 'fine-tuned' as const, predictions: own }];
    const of = (settings: AnalysisSettingsInput, predictions = own) =>
      analyse({
        classes: ['no', 'yes'],
        multiLabel: false,
        models,
        set: { predictions: [predictions], series: predictions.map(() => null) },
        validation: null,
        fittedHere: false,
        groupings: [],
        settings: analysisSettings.parse(settings),
        table: evaluateModels({ classes: ['no', 'yes'], models, replicates: 50 }),
      }).analysis;
    expect(of({}).levels[2]).toMatchObject({ cases: PATIENTS - 10, mixed: 10 });
    const mixed = own.map((one, i) => ({ ...one, label: i % 2, patientKey: `key ${i >> 1}` }));
    expect(() => of({ unit: 'patient' }, mixed)).toThrow(
      expect.objectContaining({ code: 'analysis-mixed-labels' }),
    );
    expect(of({}, mixed).levels[2]).toMatchObject({ cases: 0, models: [] });
  });
});
