import { describe, expect, it } from 'vitest';
import type { EvaluationTable } from '../../src-main/contract/evaluation.ts';
import type { ReportModel } from '../../src-main/contract/report.ts';
import type { EpochMetrics } from '../../src-main/contract/training.ts';
import { modelCard } from '../../src-main/reports/card/model-card.ts';
import { external } from '../../src-main/reports/checklists/answers.ts';
import { duration, interval, signedInterval } from '../../src-main/reports/format.ts';
import { ratesText } from '../../src-main/reports/rates.ts';
import { renderHtml, renderJson, summarise } from '../../src-main/reports/index.ts';
import { findingReport } from './finding-fixture.ts';
import { reportFixture } from './fixture.ts';

describe('the HTML report', () => {
  const page = renderHtml(reportFixture());

  it('holds every section that its contents name', () => {
    const linked = [...page.split('</nav>')[0].matchAll(/href="#([\w-]+)"/g)].map(([, id]) => id);
    expect(linked).toEqual([
      'summary',
      'intended-use',
      'result-1',
      'result-2',
      'data',
      'model',
      'training',
      'reproducibility',
      'limitations',
      'model-card',
      'claim-2024',
      'tripod-ai',
    ]);
    for (const id of linked) expect(page).toMatch(new RegExp(`<section\\s+id="${id}"`));
  });

  it('asks for nothing from anywhere, and runs no script', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=|https?:\/\//i);
    expect(page).toContain("default-src 'none'");
  });

  it('shows data, split, model, freeze map, curves, metrics, baselines, versions and seeds', () => {
    for (const text of [
      'hospital-b',
      'not-dicom 2',
      'c0ffee12',
      '2,944,003',
      'Freeze map',
      'Loss of Fine-tuned by epoch',
      'Majority class',
      'Probe (not fine-tuned)',
      'From scratch',
      '24.21.0',
      'Seed: training',
      'ab12ab12ab12ab12',
      '4.2e-7',
      'With and without exact copies',
    ]) {
      expect(page, text).toContain(text);
    }
  });

  it('says at which rates was learned, by which epochs, and what was ever locked', () => {
    const model = reportFixture();
    const tuned = model.runs.find(({ approach }) => approach === 'fine-tuned')!;
    const alone = { ...tuned.config, freezePreset: 'feature-extraction' as const };
    const rates = (phases: readonly EpochMetrics['phase'][], config = tuned.config): string =>
      ratesText({ config, epochs: phases.map((phase) => ({ ...tuned.epochs[0], phase })) });
    expect(rates(['feature-extraction', 'fine-tuning'])).toBe('0.003 (head alone), then 0.0003');
    expect(rates(['feature-extraction'], alone)).toBe('0.003');
    expect(rates(['from-scratch'])).toBe('0.0003');
    expect(rates([], alone)).toBe('0.003');
    expect(duration(119.7)).toBe('2 min 0 s');
    const validation = { ...model.results[0], setName: 'validation', openings: 0 };
    const unseen = { ...tuned, epochs: tuned.epochs.map((one) => ({ ...one, validationLoss: null })) };
    const other = renderHtml({
      ...model,
      results: [...model.results, validation],
      runs: model.runs.map((run) => (run === tuned ? unseen : run)),
    });
    expect(page).not.toContain('never locked');
    expect(other).toContain('never locked: epochs were chosen by it');
    expect(other).not.toContain('opened 0 times');
    expect(page).toContain('The epoch with the best');
    expect(other).toContain('the last epoch, as there were no validation patients');
  });

  it('says of no one in the card, and of no set in the checklist, what they are not', () => {
    const model = reportFixture();
    const [first] = model.results;
    const card = JSON.stringify(modelCard({ ...model, results: [{ ...first, setName: 'out-of-fold' }] }));
    expect(card).not.toContain('took no part in training or selection');
    expect(JSON.stringify(modelCard(model))).toContain('took no part in training or selection');
    const evaluationSets = { near: { source: 'near' }, 'hospital-b': { source: 'hospital-b' } };
    const split = { ...model.split, options: { ...model.split.options, evaluationSets } };
    expect(external({ ...model, split }).text).toMatch(/^hospital-b: kept apart/);
  });

  it('escapes whatever comes from files and people', () => {
    const hostile = '<b onclick="x">&\'';
    const model: ReportModel = {
      ...reportFixture(),
      title: hostile,
      project: hostile,
      limitations: [hostile],
    };
    model.split = { ...model.split, classes: [hostile, 'b', 'c'] };
    model.data = {
      ...model.data,
      sources: [{ name: hostile, images: 1, refused: [{ name: hostile, count: 1 }] }],
      warnings: [hostile],
    };
    const text = renderHtml(model);
    expect(text).not.toContain('<b onclick');
    expect(text).toContain('&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;');
  });

  it('closes every element that it opens', () => {
    const open: string[] = [];
    for (const [, closing, name, selfClosing] of page.matchAll(
      /<(\/?)([a-z][\w-]*)(?:"[^"]*"|[^">])*?(\/?)>/gi,
    )) {
      if (selfClosing || ['meta', 'br'].includes(name)) continue;
      if (closing) expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('draws no coordinate that is not a number', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('does without results, curves and export', () => {
    const bare: ReportModel = { ...reportFixture(), results: [], exported: null, runs: [] };
    expect(renderHtml(bare)).toContain('No set has been evaluated yet');
  });
});

describe('the JSON report', () => {
  it('is the model, whole, with its keys in order', () => {
    const model = reportFixture();
    const text = renderJson(model);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(model)));
    expect(renderJson(JSON.parse(text) as ReportModel)).toBe(text);
  });
});

describe('the summary', () => {
  const withDifference = (low: number, high: number): EvaluationTable => {
    const { table } = reportFixture().results[0];
    const differences = table.differences.map((one) => ({
      ...one,
      difference: { value: (low + high) / 2, low, high },
    }));
    return { ...table, differences };
  };

  it('says that transfer helped only when the interval leaves zero out', () => {
    expect(summarise(withDifference(0.02, 0.2)).join(' ')).toContain('transfer helped here');
    expect(summarise(withDifference(-0.05, 0.2)).join(' ')).toContain('do not show whether transfer helped');
    expect(summarise(withDifference(-0.3, -0.1)).join(' ')).toContain('transfer did harm here');
  });

  it('decides nothing without an interval, and says why there is none', () => {
    const { table } = reportFixture().results[0];
    const without = (withheld: 'too-few-patients' | 'no-variation'): string =>
      summarise({
        ...table,
        differences: table.differences.map((one) => ({
          ...one,
          difference: { value: 0.2, low: null, high: null, withheld },
        })),
      }).join(' ');
    expect(without('too-few-patients')).toContain(
      'Over training from scratch that is +0.20 (too few patients): without an interval, these patients do not show',
    );
    expect(without('no-variation')).toContain('+0.20 (no interval: all draws agree)');
    expect(without('too-few-patients')).not.toContain('includes zero');
  });

  it('warns of few patients', () => {
    expect(summarise(reportFixture(12).results[0].table).join(' ')).not.toContain('rough');
    expect(summarise(reportFixture(18).results[0].table).join(' ')).toContain('With 18 patients');
    expect(summarise(reportFixture(60).results[0].table).join(' ')).not.toContain('rough');
  });
});

describe('numbers', () => {
  it('come with their intervals, a dash where there is none, and no minus before zero', () => {
    expect(interval({ value: 0.871, low: 0.8, high: 0.934 })).toBe('0.87 (0.80–0.93)');
    expect(interval({ value: null, low: null, high: null })).toBe('–');
    expect(interval({ value: 0.9, low: null, high: null, withheld: 'too-few-patients' })).toBe(
      '0.90 (too few patients)',
    );
    expect(signedInterval({ value: 0.1, low: -0.001, high: 0.2 })).toBe('+0.10 (0.00 to +0.20)');
  });
});

describe('the report of findings', () => {
  const model = findingReport();
  const page = renderHtml(model);

  it('has tables and curves by finding, at both thresholds, and no confusion matrix', () => {
    for (const text of [
      'Fine-tuned, finding by finding',
      'From a probability of 0.5 on',
      'largest sum of recall and specificity',
      'ROC curve of each finding',
      'of the 6 most frequent findings',
      'Hamming loss',
      'Frequency alone',
      'iterative stratification',
      'a sigmoid each',
      'No finding',
    ])
      expect(page, text).toContain(text);
    expect(page).not.toContain('Confusion matrix');
    expect(page).not.toContain('Majority class');
    const { perFinding } = model.results[0].table.models[3].findings!;
    const [first] = perFinding;
    expect(page).toContain(interval(first.auc));
    expect(page).toContain(interval(first.averagePrecision));
    expect(first.youden!.threshold).not.toBe(0.5);
  });

  it('says the same as data', () => {
    expect(JSON.parse(renderJson(model))).toEqual(JSON.parse(JSON.stringify(model)));
  });

  it('says in its model section what one sigmoid answers', () => {
    const fixture = reportFixture();
    const runs = fixture.runs.map((run) => ({
      ...run,
      config: { ...run.config, head: { ...run.config.head, output: 'sigmoid' as const } },
    }));
    const split = { ...fixture.split, classes: ['benign', 'malignant'] };
    expect(renderHtml({ ...fixture, runs, split })).toContain('one probability, of malignant (a sigmoid)');
    expect(renderHtml(fixture)).toContain('adding up to 1 (a softmax)');
  });
});
