import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src-main/reports/index.ts';
import { findingReport } from './finding-fixture.ts';
import { reportFixture } from './fixture.ts';

const executablePath = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
const missing = executablePath === undefined;
if (missing && !process.env['CI'])
  process.stderr.write('The report was not opened in a browser: no Chromium here (set CHROMIUM to one).\n');

describe.skipIf(missing && !process.env['CI'])('the report in a browser', () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'graft-report-'));
  const file = join(folder, 'report.html');
  const findings = join(folder, 'findings.html');

  beforeAll(async () => {
    writeFileSync(file, renderHtml(reportFixture()));
    writeFileSync(findings, renderHtml(findingReport()));
    expect(executablePath, 'a browser, in continuous integration').toBeDefined();
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    [1920, 'light', 'classes'],
    [1280, 'dark', 'classes'],
    [1280, 'light', 'classes'],
    [390, 'light', 'classes'],
    [1280, 'light', 'findings'],
    [390, 'dark', 'findings'],
  ] as const)(
    'fits %i pixels in %s (%s), without a request or a complaint',
    async (width, colorScheme, of) => {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(of === 'classes' ? file : findings).href);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(overflow).toBe(0);
      expect(complaints).toEqual([]);
      expect(requests).toHaveLength(1);
      const tables = await page.evaluate(
        '[...document.querySelectorAll(".scroll")].filter((box) => box.scrollWidth > box.clientWidth + 1).length',
      );
      if (width >= 1280) expect(tables, 'tables cut off').toBe(0);
      await page.close();
    },
  );

  it.each([
    [980, 'the side', 1],
    [760, 'above', 4],
  ] as const)('of %i pixels has its contents at %s, in columns', async (width, _, columns) => {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    await page.goto(pathToFileURL(file).href);
    const { lefts, below } = await page.evaluate<{ lefts: number; below: boolean }>(`({
      lefts: new Set([...document.querySelectorAll('nav li')].map((item) => item.getBoundingClientRect().left)).size,
      below: document.querySelector('h1').getBoundingClientRect().top > document.querySelector('nav').getBoundingClientRect().bottom,
    })`);
    expect(lefts).toBe(columns);
    expect(below).toBe(columns > 1);
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'is printed in dark letters on white where the screen is %s',
    async (colorScheme) => {
      // As wide as A4 between its margins.
      const page = await browser.newPage({ viewport: { width: 673, height: 1000 }, colorScheme });
      await page.goto(pathToFileURL(findings).href);
      await page.emulateMedia({ media: 'print', colorScheme });
      const look = await page.evaluate<Record<string, unknown>>(`(() => {
      const of = (selector, what) => getComputedStyle(document.querySelector(selector))[what];
      const drawn = [...document.querySelectorAll('svg text')].map((text) => getComputedStyle(text).fill);
      return {
        ground: of('body', 'backgroundColor'),
        paper: of('section', 'backgroundColor'),
        ink: of('body', 'color'),
        contents: of('nav', 'display'),
        light: drawn.filter((fill) => Math.min(...fill.match(/\\d+/g).map(Number)) > 200 && fill !== 'rgb(255, 255, 255)').length,
        wide: [...document.querySelectorAll('table')].filter((table) => table.scrollWidth > 674).length,
        whole: [...document.querySelectorAll('table')].every(
          (table) => (table.tBodies[0].rows.length <= 12) === (getComputedStyle(table).breakInside === 'avoid'),
        ),
      };
    })()`);
      expect(look).toEqual({
        ground: 'rgb(255, 255, 255)',
        paper: 'rgb(255, 255, 255)',
        ink: 'rgb(28, 36, 48)',
        contents: 'none',
        light: 0,
        wide: 0,
        whole: true,
      });
      await page.close();
    },
  );
});
