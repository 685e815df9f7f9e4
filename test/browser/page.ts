/// <reference lib="dom" />
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { buildRenderer } from '../../build/build-renderer.mjs';
import { createDesk, type DeskApp } from '../../src-main/app/index.ts';
import { startHost, type Host } from '../../src-main/shell/host/server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Where screenshots are kept: CI collects this folder. */
export const screenshots = process.env.GRAFT_SCREENSHOTS ?? join(root, 'out', 'screenshots');

/** The first browser that is here, or undefined. */
export function browserPath(): string | undefined {
  const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return [process.env.GRAFT_BROWSER ?? '', ...candidates].find((path) => path !== '' && existsSync(path));
}

/** The application in a real browser, as a person has it: a built page, a host of its own, an empty configuration. */
export interface Opened {
  page: Page;
  desk: DeskApp;
  /** An empty folder for data and projects. */
  folder: string;
  /** Errors that the page has written or thrown. */
  problems: string[];
  close(): Promise<void>;
}

/** Builds the page once, and opens it. */
export async function openPage(): Promise<Opened> {
  const renderer = await buildRenderer();
  const folder = mkdtempSync(join(tmpdir(), 'graft-page-'));
  process.env.GRAFT_HOME = join(folder, 'home');
  const desk = createDesk();
  let host: Host | undefined;
  let browser: Browser | undefined;
  try {
    host = await startHost({ desk, renderer, port: 0 });
    browser = await chromium.launch({
      executablePath: browserPath()!,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
      ],
    });
    // A scheme that is feigned would hold inside frames, too, where the report follows the theme of the window around it.
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: null });
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(host.address());
    const opened = { host, browser };
    return {
      page,
      desk,
      folder,
      problems,
      close: async () => {
        await opened.browser.close();
        await opened.host.close();
        await desk.close();
        delete process.env.GRAFT_HOME;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await browser?.close();
    await host?.close();
    await desk.close();
    throw error;
  }
}

/** The same with a project open that was made before, under the configuration that it was made under: its key lies there. */
export async function openPageOn(project: string): Promise<Opened> {
  const home = process.env.GRAFT_HOME;
  const opened = await openPage();
  try {
    process.env.GRAFT_HOME = home;
    await opened.desk.call('projects.open', { folder: project });
    await opened.page.reload();
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What axe-core has against the page as it is, as "rule: element". */
export async function axe(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's own policy lets no foreign script in.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    interface Found {
      violations: { id: string; nodes: { html: string; any: { message: string }[] }[] }[];
    }
    const { axe: run } = window as unknown as { axe: { run: (options: object) => Promise<Found> } };
    const { violations } = await run.run({ resultTypes: ['violations'] } as object);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`),
    );
  });
}

/** Pictures of what is shown, in both themes and both sizes, and once at 4K: `NAME-dark-1280x800.png` and so on. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  for (const theme of ['light', 'dark']) {
    await setTheme(page, theme);
    for (const [width, height] of [
      [1920, 1080],
      [1280, 800],
      // Last: where everything fits, the page loses its place.
      ...(theme === 'dark' ? [[3840, 2160]] : []),
    ]) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(150);
      await page.screenshot({ path: join(screenshots, `${name}-${theme}-${width}x${height}.png`) });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

export async function setTheme(page: Page, theme: string): Promise<void> {
  await page.evaluate((wanted) => {
    document.documentElement.classList.toggle('dark', wanted === 'dark');
  }, theme);
}

/** axe in both themes. */
export async function axeInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark']) {
    await setTheme(page, theme);
    await page.waitForTimeout(250);
    found.push(...(await axe(page)).map((one) => `${theme}: ${one}`));
  }
  return found;
}
