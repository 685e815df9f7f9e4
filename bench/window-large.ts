/// <reference lib="dom" />
/**
 * A project of a hundred thousand images in a real browser: from the press on it to its first rows, and from a filter's press
 * to the rows that it leaves, painted. The rows are generated; there are no files behind them.
 *
 *     node bench/window-large.ts [--images 100000] [--repetitions 5]
 *     GRAFT_BROWSER=/path/to/chromium   where it is not in its usual place
 */
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { openPage } from '../test/browser/page.ts';
import { generateProject } from './generated-project.ts';
import { flags, load, median } from './side-by-side.ts';

const { images, repetitions } = flags({ images: 100_000, repetitions: 5 });
const { page, desk, folder, close } = await openPage();
try {
  const project = join(folder, 'large');
  generateProject(project, images);
  console.log(`the window with ${images} images, medians of ${repetitions}, ${load()} before`);
  await openings(project);
  await filters();
} finally {
  await close();
}

/** Each time from a closed project: what the last opening kept is gone. */
async function openings(project: string): Promise<void> {
  const times: number[] = [];
  await desk.call('projects.open', { folder: project });
  for (let at = 0; at < repetitions; at++) {
    await desk.call('projects.close', null);
    await page.goto(page.url().replace(/#.*/, '#/projects'));
    await page.reload();
    const card = page.getByRole('button', { name: /large/ }).first();
    await card.waitFor();
    await page.waitForTimeout(500);
    times.push(
      await pressUntilPainted(card, '[role=treegrid] [aria-rowindex="3"] [role=gridcell] + [role=gridcell]'),
    );
  }
  print('from the press to its first rows', times);
}

async function filters(): Promise<void> {
  const presses: Record<string, string[]> = {
    'labelled, unlabelled, all': ['Labelled', 'Unlabelled', 'All'],
  };
  for (const [name, buttons] of Object.entries(presses)) {
    const times: number[] = [];
    for (let at = 0; at < repetitions; at++) {
      for (const button of buttons) {
        times.push(await pressUntilCounted(page.getByRole('radio', { name: button, exact: true })));
        await page.waitForTimeout(400);
      }
    }
    print(name, times);
  }
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page
    .getByRole('group', { name: 'Attribute' })
    .getByRole('button', { name: 'Manufacturer' })
    .first()
    .click();
  const box = page.getByRole('checkbox').first();
  await box.waitFor();
  const times: number[] = [];
  for (let at = 0; at < 2 * repetitions; at++) {
    times.push(await pressUntilCounted(box));
    await page.waitForTimeout(400);
  }
  print('one manufacturer, any', times);
}

/** Milliseconds from the press until an element is there and painted. */
async function pressUntilPainted(button: Locator, selector: string): Promise<number> {
  return button.evaluate(
    (element, wanted) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        (element as HTMLElement).click();
        const look = (): void => {
          if (document.querySelector(wanted)) requestAnimationFrame(() => resolve(performance.now() - start));
          else requestAnimationFrame(look);
        };
        look();
      }),
    selector,
  );
}

/** Milliseconds from the press until the count of images has changed, and the rows with it. */
async function pressUntilCounted(button: Locator): Promise<number> {
  return button.evaluate(
    (element) =>
      new Promise<number>((resolve) => {
        const count = (): string =>
          [...document.querySelectorAll('[role=status]')].map(({ textContent }) => textContent).join();
        const before = count();
        const start = performance.now();
        (element as HTMLElement).click();
        const look = (): void => {
          if (count() !== before) requestAnimationFrame(() => resolve(performance.now() - start));
          else if (performance.now() - start > 5_000) resolve(NaN);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

function print(name: string, times: readonly number[]): void {
  console.log(
    `  ${name.padEnd(36)} ${median(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)})`,
  );
}
