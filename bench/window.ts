/// <reference lib="dom" />
/**
 * How quick the window is, in a real browser on the sample project: first paint, the next image after a label's key, and what
 * a person's clicks wait for while a training runs.
 *
 *     node bench/window.ts [--labels 60]
 *     GRAFT_BROWSER=/path/to/chromium   where it is not in its usual place
 */
import { openPage } from '../test/browser/page.ts';
import { flags, load, median } from './side-by-side.ts';

const { labels } = flags({ labels: 60 });
console.log(`the window, ${load()} before`);
const { page, desk, close } = await openPage();
const ninetyFifth = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(0.95 * (values.length - 1))];
try {
  await firstPaint();
  await page.getByRole('button', { name: /Try the sample/ }).click();
  await page.getByText('482 images of 120 patients').waitFor({ timeout: 120_000 });
  await page.waitForFunction(() => !document.querySelector('[role=progressbar]'), undefined, {
    timeout: 120_000,
  });
  await labelling();
  await whileTraining();
} finally {
  await close();
}

async function firstPaint(): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at < 5; at++) {
    await page.reload();
    await page.getByRole('button', { name: /Try the sample/ }).waitFor();
    times.push(
      await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
    );
  }
  console.log(`  first paint                      ${median(times).toFixed(0)} ms (median of 5)`);
}

/** From a label's key to the next image painted. */
async function labelling(): Promise<void> {
  await page.getByRole('link', { name: 'Label', exact: true }).click();
  await page.getByText(/^W \d/).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1_000);
  const times: number[] = [];
  const begin = performance.now();
  for (let at = 0; at < labels; at++) {
    const time = await page.evaluate(
      (key) =>
        new Promise<number>((resolve) => {
          const start = performance.now();
          const element = document
            .querySelector('section[aria-label=Viewer] canvas')!
            .closest('[data-viewport-uid]')!;
          element.addEventListener(
            'CORNERSTONE_IMAGE_RENDERED',
            () => requestAnimationFrame(() => resolve(performance.now() - start)),
            { once: true },
          );
          window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          setTimeout(() => resolve(NaN), 3_000);
        }),
      at % 2 === 0 ? '2' : '3',
    );
    times.push(time);
    await page.waitForTimeout(60);
  }
  const seconds = (performance.now() - begin) / 1000;
  const painted = times.filter((time) => !Number.isNaN(time));
  console.log(
    `  next image after a label's key   ${median(painted).toFixed(0)} ms median, ${ninetyFifth(painted).toFixed(0)} ms at the 95th percentile, ${painted.length} of ${labels}`,
  );
  console.log(`  labels by keyboard               ${((60 * labels) / seconds).toFixed(0)} a minute`);
}

/** Round trips of what screens ask for, and the longest that the page was busy with itself. */
async function whileTraining(): Promise<void> {
  const answer = await desk.call('plans.current', null);
  if (!answer.ok) throw new Error(answer.error.message);
  const { settings, preprocessing, split } = answer.value as Record<string, never>;
  await desk.call('runs.start', {
    settings: { ...(settings as object), epochs: 8, headEpochs: 2 },
    preprocessing,
    split: { options: (split as { options: object }).options },
    approaches: ['scratch', 'fine-tuned'],
  });
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await page.evaluate(() => {
    const holder = window as unknown as { longTasks: number[] };
    holder.longTasks = [];
    new PerformanceObserver((list) =>
      list.getEntries().forEach(({ duration }) => holder.longTasks.push(duration)),
    ).observe({ type: 'longtask' });
  });
  const names = ['runs.list', 'data.browse', 'jobs.list', 'labels.sets', 'plans.current'];
  const times: number[] = [];
  for (let at = 0; at < 60 && (await page.getByRole('button', { name: 'Stop' }).count()) > 0; at++) {
    const name = names[at % names.length];
    const input = name === 'data.browse' || name === 'jobs.list' ? {} : null;
    times.push(
      await page.evaluate(
        async ([call, given]) => {
          const start = performance.now();
          await (
            window as unknown as { graft: { call: (name: unknown, input: unknown) => Promise<unknown> } }
          ).graft.call(call, given);
          return performance.now() - start;
        },
        [name, input] as const,
      ),
    );
    await page.waitForTimeout(150);
  }
  const tasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
  console.log(
    `  calls while a training runs      ${median(times).toFixed(0)} ms median, ${Math.max(...times).toFixed(0)} ms the longest of ${times.length}`,
  );
  console.log(
    `  the page busy while it runs      ${tasks.length === 0 ? 'never over 50 ms' : `${Math.max(...tasks).toFixed(0)} ms the longest of ${tasks.length} over 50 ms`}`,
  );
  await page.getByRole('button', { name: 'Stop' }).click();
}
