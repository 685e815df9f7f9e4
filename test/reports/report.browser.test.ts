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
});
