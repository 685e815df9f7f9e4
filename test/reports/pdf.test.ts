import { beforeAll, describe, expect, it } from 'vitest';
import type { ReportModel } from '../../src-main/contract/report.ts';
import { renderPdf } from '../../src-main/reports/index.ts';
import { reportSections } from '../../src-main/reports/sections/index.ts';
import { findingReport } from './finding-fixture.ts';
import { reportFixture } from './fixture.ts';
import { type PdfContent, readPdf } from './pdf-text.ts';

describe('the PDF report', () => {
  const model = reportFixture();
  let file: Buffer;
  let content: PdfContent;
  beforeAll(async () => {
    file = await renderPdf(model);
    content = readPdf(file);
  });
  const whole = (): string => content.pages.join('\n');

  it('holds every section that its contents name, each at the page that they say', () => {
    const [first] = content.pages;
    for (const { title } of reportSections(model)) {
      const page = content.pages.findIndex((text, at) => (at === 0 ? text.split(title).length > 2 : text.includes(title))); // prettier-ignore
      expect(page, title).toBeGreaterThanOrEqual(0);
      expect(first, title).toContain(title);
    }
    expect(first).toContain('For research use only.');
  });

  it('has text that can be found, with the signs of statistics and of other languages', async () => {
    const { pages } = readPdf(
      await renderPdf({
        ...model,
        limitations: ['σ² ± 0.1, −3 ≤ x ≥ ½ κ; naïve café, Łódź, Ελλάδα, Москва; “quoted” … × → 95 %', 'ع ב'],
      }),
    );
    expect(pages.join('\n')).toContain(
      'σ² ± 0.1, −3 ≤ x ≥ ½ κ; naïve café, Łódź, Ελλάδα, Москва; “quoted” … × → 95 %',
    );
    // What the font cannot show is written as its number, not left out.
    expect(pages.join('\n')).toContain('[U+0639] [U+05D1]');
    expect(pages.join('')).not.toContain('\ufffd');
  });

  it('numbers its pages, and says on each what it is for', () => {
    content.pages.forEach((text, at) => {
      expect(text).toContain(`${at + 1} of ${content.pages.length}`);
      expect(text).toContain('for research use only');
    });
  });

  it('draws charts as lines with their words, not as pictures', () => {
    expect(file.toString('latin1')).not.toContain('/Subtype /Image');
    for (const words of [
      'true positive rate (sensitivity)',
      'stated probability',
      'predicted class',
      'no difference',
    ])
      expect(whole()).toContain(words);
  });

  it('is tagged for screen readers: headings, tables with their heads, figures with what they show', () => {
    for (const tag of ['/S /H1', '/S /H2', '/S /Table', '/S /TH', '/Scope /Column', '/S /Figure', '/S /TOCI'])
      expect(content.rest, tag).toContain(tag);
    expect(content.rest).toContain('(Confusion matrix of the fine-tuned model)');
    expect(content.rest).toMatch(/\/Lang \(en\)/);
    expect(content.rest).toContain('/Title (Data and split)');
  });

  it('says what PDF/UA asks for: that it is tagged, its language and title, and in words what each figure shows', () => {
    expect(content.rest).toMatch(/\/MarkInfo (<<\s*\/Marked true|\d+ 0 R)/);
    expect(content.rest).toMatch(/\/StructTreeRoot \d+ 0 R/);
    expect(content.rest).toMatch(/\/DisplayDocTitle true/);
    expect(content.rest).toMatch(/\/Title \(/);
    const figures = content.rest.match(/\/S \/Figure/g)!;
    expect(figures.length).toBeGreaterThan(4);
    expect(content.rest.match(/\/S \/Figure\s+\/Alt \([^)]{5}/g)).toHaveLength(figures.length);
  });

  it('is the same file whenever it is made', async () => {
    expect((await renderPdf(model)).equals(file)).toBe(true);
  });

  it('repeats the head of a table on every page that it goes over, and loses no row', async () => {
    const source = { images: 1, refused: [] };
    const names = Array.from({ length: 90 }, (_, at) => `source number ${at}`);
    const long: ReportModel = {
      ...model,
      data: { ...model.data, sources: names.map((name) => ({ ...source, name })) },
    };
    const { pages } = readPdf(await renderPdf(long));
    const over = pages.filter((text) => /^source number \d+$/m.test(text));
    expect(over.length).toBeGreaterThan(1);
    for (const text of over) expect(text).toContain('Refused files');
    for (const name of names) expect(over.join('\n').split('\n')).toContain(name);
  });

  it('never ends a page with a heading', async () => {
    const titles = ['Acquisition', 'Preprocessing', 'Split', 'Freeze map', 'Exported model', 'From scratch'];
    for (const length of [9, 21]) {
      const limitations = Array.from({ length: 4 }, (_, at) => `One more sentence of many, number ${at}.`);
      const sources = Array.from({ length }, (_, at) => ({ name: `site ${at}`, images: 3, refused: [] }));
      const { pages } = readPdf(await renderPdf({ ...model, limitations, data: { ...model.data, sources } }));
      for (const text of pages) {
        const lines = text
          .split('\n')
          .filter((line) => !/ of \d+$|research use only, not|^Lung nodules/.test(line));
        expect(titles, lines.at(-1)).not.toContain(lines.at(-1));
      }
    }
  });

  it('keeps columns apart and hashes whole in reports of findings', async () => {
    const findings = findingReport();
    const { pages } = readPdf(await renderPdf(findings));
    const text = pages.join('\n');
    for (const { finding } of findings.results[0].table.models[0].findings!.perFinding)
      expect(text.split('\n')).toContain(finding);
    expect(text).toContain(findings.split.hash);
  });
});
