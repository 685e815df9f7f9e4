import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvTables, csvText, renderCard, renderHtml, renderJson } from '../../src-main/reports/index.ts';
import { answerAll } from '../../src-main/reports/checklists/checklist.ts';
import { CLAIM_2024 } from '../../src-main/reports/checklists/claim-2024.ts';
import { TRIPOD_AI } from '../../src-main/reports/checklists/tripod-ai.ts';
import { reportJsonSchema, reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { reportSections } from '../../src-main/reports/sections/index.ts';
import { analysedReport } from './analysis-fixture.ts';
import { findingReport } from './finding-fixture.ts';
import { reportFixture } from './fixture.ts';

const reports = [reportFixture(), findingReport(), analysedReport()];

describe('the JSON file', () => {
  it('is as its published schema says, with no key that the schema does not know', () => {
    for (const report of reports) {
      const data: unknown = JSON.parse(renderJson(report));
      // Keys that are not in the schema are left out when it is read: equal means that all are.
      expect(reportSchema.parse(data)).toEqual(data);
    }
  });

  it('is refused by its schema when something is missing', () => {
    expect(reportSchema.safeParse({ ...reportFixture(), split: undefined }).success).toBe(false);
  });

  it('has the schema in docs that its code says (else run test/reports/write-schema.script.ts)', () => {
    const path = new URL('../../docs/report.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  });
});

describe('CSV', () => {
  it('is as RFC 4180 says, and is read back as it was', () => {
    const rows = [['a,b', 'say "so"', 'two\nlines', 0.1 + 0.2, null]];
    const text = csvText(['one', 'two', 'three', 'four', 'five'], rows);
    expect(text).toBe('one,two,three,four,five\r\n"a,b","say ""so""","two\nlines",0.30000000000000004,\r\n');
    expect(parse(text, { record_delimiter: '\r\n' })[1]).toEqual(['a,b', 'say "so"', 'two\nlines', '0.30000000000000004', '']); // prettier-ignore
  });

  it('gives a spreadsheet no formula', () => {
    expect(csvText(['name'], [['=HYPERLINK("x")'], ['-1 and more']])).toBe(
      'name\r\n"\'=HYPERLINK(""x"")"\r\n\'-1 and more\r\n',
    );
  });

  it('has one table for each result, each row as long as its head', () => {
    const names = csvTables(reports[0]).map(({ name }) => name);
    expect(names).toEqual(['metrics', 'differences', 'classes', 'confusion', 'calibration', 'roc', 'precision_recall', 'epochs', 'settings']); // prettier-ignore
    expect(csvTables(reports[1]).map(({ name }) => name)).toContain('findings');
    for (const { name, head, rows } of reports.flatMap(csvTables))
      for (const row of rows) expect(row, name).toHaveLength(head.length);
  });

  it('holds the numbers of the report, not rounded', () => {
    const { table } = reports[0].results[0];
    const metrics = csvTables(reports[0]).find(({ name }) => name === 'metrics')!;
    const found = metrics.rows.find(
      ([set, model, metric]) => set === 'test' && model === 'run 4' && metric === 'auc',
    )!;
    expect(found.slice(3, 6)).toEqual([table.models[3].metrics.auc.value, table.models[3].metrics.auc.low, table.models[3].metrics.auc.high]); // prettier-ignore
  });
});

describe('the checklists', () => {
  it('have every item of CLAIM 2024 and TRIPOD+AI once, in order', () => {
    expect(CLAIM_2024.items.map(({ number }) => Number(number))).toEqual(Array.from({ length: 44 }, (_, at) => at + 1)); // prettier-ignore
    const numbers = TRIPOD_AI.items.map(({ number }) => number);
    expect(numbers).toHaveLength(52);
    expect(new Set(numbers).size).toBe(52);
    expect(new Set(numbers.map((number) => parseInt(number, 10))).size).toBe(27);
  });

  it.each([CLAIM_2024, TRIPOD_AI])('point to sections that there are: $name', (checklist) => {
    for (const model of [...reports, { ...reportFixture(), results: [], runs: [], exported: null }]) {
      const ids = reportSections(model).map(({ id }) => id);
      for (const { number, state, section, text } of answerAll(checklist, model)) {
        if (state === 'author') expect(section, number).toBeNull();
        else expect(ids, number).toContain(section);
        expect(text, number).not.toMatch(/undefined|NaN|null/);
        expect(text.length, number).toBeGreaterThan(3);
      }
    }
  });

  it('answer by what is recorded: an external set, an export, class weights', () => {
    const external = (model = reportFixture()): string => answerAll(CLAIM_2024, model)[32].state;
    const fixture = reportFixture();
    const options = { ...fixture.split.options, evaluationSets: { 'hospital-b': { source: 'hospital-b' } } };
    expect(external({ ...fixture, split: { ...fixture.split, options } })).toBe('answered');
    expect(external({ ...fixture, results: fixture.results.slice(0, 1) })).toBe('author');
    const imbalance = answerAll(TRIPOD_AI, fixture).find(({ number }) => number === '13')!;
    expect(imbalance.text).toContain('class weights');
  });
});

describe('the model card', () => {
  it('has the parts of Mitchell et al. and the front matter of Hugging Face', () => {
    const card = renderCard(reportFixture());
    expect(card.startsWith('---\nlicense: apache-2.0\n')).toBe(true);
    for (const part of [
      'Model details',
      'Intended use',
      'Out of scope',
      'Training data',
      'Evaluation',
      'Ethical considerations',
      'Limits and recommendations',
    ])
      // prettier-ignore
      expect(card).toContain(`\n## ${part}\n`);
    expect(card).toContain('For research use only.');
    expect(card).toMatch(/\| Held-out test patients \| Fine-tuned \| 36 \| 0\.\d\d \(0\.\d\d–0\.\d\d\) \|/);
  });

  it('lets no name be markup', () => {
    const fixture = reportFixture();
    const card = renderCard({
      ...fixture,
      split: { ...fixture.split, classes: ['<script>', '*b*', 'a|b'] },
      title: 'x <img>',
    });
    expect(card).not.toMatch(/[^\\]<(script|img)/);
    expect(card).toContain('\\*b\\*');
  });
});

describe('the analysis of a set', () => {
  const model = reports[2];
  const page = renderHtml(model).replace(/\s+/g, ' ');

  it('shows tests, operating points, calibration, use, groups, sets and looks', () => {
    for (const words of [
      'Paired tests',
      'Operating points',
      'Reliability before and after recalibration',
      `Decision curve of ${model.split.classes[0]}`,
      'balancedAccuracy by group of patients',
      'Prediction sets',
      'Images, series and patients as cases',
      'looked at before by a training with other settings',
    ])
      expect(page, words).toContain(words);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
    const { operating } = model.results[0].analysis!.models[1];
    expect(operating.length).toBe(3);
    expect(page).toContain(`<td>${operating[0].threshold.toFixed(2)}</td>`);
  });

  it('is in the tables', () => {
    const names = csvTables(model).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['thresholds', 'tests', 'subgroups', 'decision_curves', 'levels'])); // prettier-ignore
  });
});
