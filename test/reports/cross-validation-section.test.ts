import { describe, expect, it } from 'vitest';
import { answerAll } from '../../src-main/reports/checklists/checklist.ts';
import { CLAIM_2024 } from '../../src-main/reports/checklists/claim-2024.ts';
import { TRIPOD_AI } from '../../src-main/reports/checklists/tripod-ai.ts';
import { csvTables, renderHtml, renderJson } from '../../src-main/reports/index.ts';
import { reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { reportSections } from '../../src-main/reports/sections/index.ts';
import { crossValidationFixture } from './cross-validation-fixture.ts';
import { reportFixture } from './fixture.ts';

const found = crossValidationFixture();
const report = { ...reportFixture(), crossValidation: found };
const chapter = (crossValidation = found): string =>
  renderHtml({ ...report, crossValidation })
    .split(/<section\s+id="cross-validation"/)[1]
    .split('</section>')[0]
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
const two = (value: number): string => value.toFixed(2);

describe('the chapter on cross-validation', () => {
  it('is there only where a plan was cross-validated', () => {
    expect(renderHtml(reportFixture())).not.toContain('id="cross-validation"');
    expect(csvTables(reportFixture()).map(({ name }) => name)).not.toContain('cross_validation_folds');
  });

  it('says who was dealt and how, what each fold chose and reached, and what all came to', () => {
    const text = chapter();
    const { metrics } = found.pooled.models[1];
    const spread = found.spread.find((one) => one.approach === 'fine-tuned' && one.metric === 'auc')!;
    const difference = found.differences.find(({ metric }) => metric === 'f1')!;
    for (const said of [
      '60 patients were dealt to 4 folds',
      'Took no part: 18 of test (split 1)',
      'starter, tuned within each fold (random, 6 trials over head.dropout, learningRate, by 3 inner folds of what it learned from)',
      'head.dropout 0.2, learningRate 0.001 (val_f1 0.80)',
      '3333333333333333',
      `${two(metrics.auc.value!)} ${two(metrics.auc.low!)}–${two(metrics.auc.high!)}`,
      `${two(spread.mean!)} ± ${two(spread.standardDeviation!)} ${two(spread.lowest!)}–${two(spread.highest!)}`,
      'Nadeau and Bengio 2003), 3 degrees of freedom',
      `p ${difference.pValue! < 0.001 ? '&lt; 0.001' : difference.pValue!.toFixed(3)}`,
      'Paired tests',
      'Folds share most of what they learned from.',
    ])
      expect(text).toContain(said);
    expect(text).not.toMatch(/NaN|undefined|\[object/);
  });

  it('says where patients kept for a test were dealt, and where nothing was tuned', () => {
    const { locked } = found.dealt;
    const text = chapter({ ...found, nested: null, dealt: { ...found.dealt, locked: [], opened: locked } });
    expect(text).toContain('Dealt as well, and counted as an opening: 18 of test (split 1)');
    expect(text).toContain('starter, the same in every fold');
    expect(text).not.toContain('Chosen plan');
  });

  it('is in the JSON file as its schema says, and in the tables', () => {
    const data: unknown = JSON.parse(renderJson(report));
    expect(reportSchema.parse(data)).toEqual(data);
    const tables = new Map(csvTables(report).map((one) => [one.name, one]));
    // Four folds, two approaches, six metrics.
    expect(tables.get('cross_validation_folds')!.rows).toHaveLength(48);
    expect(tables.get('cross_validation')!.rows).toHaveLength(12);
    expect(tables.get('cross_validation_differences')!.rows).toHaveLength(6);
    for (const { head, rows } of tables.values())
      for (const row of rows) expect(row).toHaveLength(head.length);
  });
});

describe('checklists', () => {
  const answer = (
    list: typeof CLAIM_2024,
    number: string,
    model: typeof report | ReturnType<typeof reportFixture>,
  ) => answerAll(list, model).find((one) => one.number === number)!;

  it.each([
    [CLAIM_2024, '19', '60 patients were cross-validated in 4 folds'],
    [CLAIM_2024, '26', 'tuned anew within each fold (random, 6 trials)'],
    [CLAIM_2024, '29', 'corrected t-test of Nadeau and Bengio'],
    [CLAIM_2024, '32', 'Nested cross-validation: 60 patients'],
    [TRIPOD_AI, '12a', 'grouped by patient and stratified by class'],
    [TRIPOD_AI, '12c', 'Internal validation: 4-fold cross-validation'],
    [TRIPOD_AI, '23a', 'each judged once by models that have not seen them'],
  ] as const)('$0.name, item %s, mentions it where there is one', (list, number, said) => {
    expect(answer(list, number, report).text).toContain(said);
    expect(answer(list, number, reportFixture()).text).not.toMatch(/cross-validat/i);
  });

  it('are answered by it in part where no test set was opened', () => {
    const unopened = { ...report, results: report.results.slice(1) };
    expect(answer(CLAIM_2024, '32', unopened)).toMatchObject({
      state: 'partly',
      section: 'cross-validation',
    });
    expect(answer(CLAIM_2024, '32', { ...unopened, crossValidation: undefined }).state).toBe('author');
  });

  it('point to sections that there are', () => {
    const ids = reportSections(report).map(({ id }) => id);
    for (const { section } of [...answerAll(CLAIM_2024, report), ...answerAll(TRIPOD_AI, report)])
      if (section !== null) expect(ids).toContain(section);
  });
});
