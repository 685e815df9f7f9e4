import { describe, expect, it } from 'vitest';
import type { ReportAdaptation, ReportCandidate } from '../../src-main/contract/report-adaptation.ts';
import { answerAll } from '../../src-main/reports/checklists/checklist.ts';
import { CLAIM_2024 } from '../../src-main/reports/checklists/claim-2024.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';
import { renderHtml, renderJson } from '../../src-main/reports/index.ts';
import { reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { reportFixture } from './fixture.ts';

const candidate = (
  runId: number,
  method: string | null,
  rest: Partial<ReportCandidate>,
): ReportCandidate => ({
  runId,
  method,
  strength: null,
  distances: { proxyA: 1.25, mmd: 0.04, mmdP: 0.005, coral: 0.1 },
  validators: {
    entropy: 0.5,
    infoMax: 0.4,
    density: 3,
    weightedRisk: null,
    embeddedRisk: null,
    effectiveImages: null,
    heapAccuracy: 0.81,
  },
  sourceAccuracy: 0.9,
  heaps: null,
  audit: null,
  verdict: null,
  ...rest,
});
const change = { patients: 40, before: 0.8, after: 0.6, difference: -0.2, low: -0.3, high: -0.1 };
const adaptation: ReportAdaptation = {
  sourceRunId: 4,
  domains: { source: {}, target: { source: 'hospital-b', KVP: [100, 120] }, share: 0.5 },
  runs: [
    {
      runId: 12,
      method: 'adabn',
      strength: null,
      facts: {
        source: { images: 300, patients: 90 },
        target: { images: 120, patients: 1 },
        leftOut: { images: 0, patients: 0 },
        judged: { images: 8, patients: 2 },
      },
    },
  ],
  judgement: {
    judgedAt: '2026-05-04T10:00:00.000Z',
    source: { images: 60, patients: 20 },
    target: { images: 120, patients: 40 },
    sentence: 'Images of the target are darker.',
    selectedBy: 'heap-accuracy',
    selected: 11,
    candidates: [
      candidate(11, null, {}),
      candidate(12, 'adabn', {
        strength: 0.5,
        heaps: { ...change, certainty: 0.9, unexplained: 0.4 },
        verdict: {
          alarm: true,
          state: 'worse',
          by: 'answers',
          reason: 'It loses 20 points.',
          causes: ['Classes are otherwise frequent.'],
          advice: 'Label an audit.',
        },
      }),
    ],
    kept: { runId: 11, by: 'rule', keptAt: '2026-05-04T10:00:00.000Z' },
  },
  audit: { patients: 40, labelled: 12 },
};
const chapter = (one: ReportAdaptation): string =>
  renderHtml({ ...reportFixture(), adaptation: one })
    .split(/<section\s+id="adaptation"/)[1]
    .split('</section>')[0]
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the chapter on adaptation', () => {
  it('is there only where models were adapted', () => {
    expect(renderHtml(reportFixture())).not.toContain('id="adaptation"');
  });

  it('says from what to what, by which method, what the alarm said and which model is kept', () => {
    const text = chapter(adaptation);
    for (const said of [
      'dataset hospital-b, KVP 100 or 120; learned from are 50 % of its patients',
      'All labelled training images of the split',
      'AdaBN (Li et al. 2017)',
      '120 of 1 patient',
      '−0.20 (−0.30 to −0.10)',
      'It loses 20 points. Classes are otherwise frequent.',
      'The alarm rang for run 12 (AdaBN × 0.5).',
      'Kept is run 11 (Not adapted), by estimated accuracy',
      '40 patients of the target were drawn by chance to be labelled, one image of each; 12 are.',
    ])
      expect(text).toContain(said);
  });

  it('says who decided, and what the rule would have kept', () => {
    const judgement = { ...adaptation.judgement!, kept: { runId: 12, by: 'person' as const, keptAt: '' } };
    expect(chapter({ ...adaptation, judgement })).toContain(
      'Kept is run 12 (AdaBN × 0.5), which a person decided; the rule names run 11, by estimated accuracy.',
    );
  });

  it('warns where nobody judged', () => {
    expect(chapter({ ...adaptation, judgement: null, audit: null })).toContain(
      'Whether adapting helped was not judged (graft adapt judge).',
    );
  });

  it('is in the JSON file as its schema says', () => {
    const data: unknown = JSON.parse(renderJson({ ...reportFixture(), adaptation }));
    expect(reportSchema.parse(data)).toEqual(data);
  });
});

describe('the item of CLAIM on explainability', () => {
  const item = (report: ReturnType<typeof reportFixture>) =>
    answerAll(CLAIM_2024, report).find(({ number }) => number === '31')!;

  it('is the author’s, with the command that makes maps, unless shortcuts were looked for', () => {
    expect(item(reportFixture())).toMatchObject({ state: 'author' });
    expect(item(reportFixture()).text).toContain('graft explain');
    const report = { verdict: 'clear', attributes: [], border: [], skipped: [] } as never;
    const check = { kind: 'shortcuts', runId: 4, setName: null, checkedAt: '', report } as const;
    const found = item({ ...reportFixture(), checks: [check] });
    expect(found).toMatchObject({ state: 'partly', section: 'checks' });
    expect(found.text).toContain('graft explain');
  });
});

describe('the results of adapted models', () => {
  it('name the difference of each from the model that it came from', () => {
    const model = reportFixture();
    const [{ table }] = model.results;
    const answers = (right: number) =>
      Array.from({ length: 24 }, (_, at) => ({
        patientKey: `patient ${at}`,
        label: at % 3,
        probabilities: table.classes.map((_name, k) =>
          k === (at < right ? at % 3 : (at + 1) % 3) ? 0.8 : 0.1,
        ),
      }));
    const approaches = ['fine-tuned', 'adapted-coral', 'adapted-adabn'] as const;
    const adapted = evaluateModels({
      classes: table.classes,
      replicates: 50,
      models: approaches.map((approach, at) => ({
        name: approach,
        approach,
        predictions: answers([12, 18, 20][at]),
      })),
    });
    const page = renderHtml({
      ...model,
      results: [{ ...model.results[0], table: adapted, withCopies: null }],
    }).replace(/\s+/g, ' ');
    const [, after] = page.split('Differences of two approaches on the same patients.');
    const [rows] = after.split('</table>');
    expect(rows).toMatch(/Deep CORAL − Fine-tuned<.*\+0\.25/);
    expect(rows).toMatch(/AdaBN − Fine-tuned<.*\+0\.33/);
    expect(page).toContain('to the right of the dashed line the first of the two is better');
  });
});
