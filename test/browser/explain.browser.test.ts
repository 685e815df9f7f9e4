import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { sampleProject, smallTraining, type SampleProject } from '../app/sample-project.ts';
import { axeInBothThemes, browserPath, openPageOn, photograph, type Opened } from './page.ts';

const browser = browserPath();

describe.skipIf(!browser && process.env.CI !== 'true')('explanations and checks in a browser', () => {
  let sample: SampleProject;
  let opened: Opened;
  beforeAll(async () => {
    sample = await sampleProject();
    const app = createApp();
    const training = smallTraining(sample.model);
    const fractions = { train: 0.6, validation: 0.3, test: 0.1 };
    const { runs } = await app.trainModel(sample.project, {
      ...training,
      split: { options: { fractions } },
      approaches: ['probe'],
    });
    await app.evaluate(sample.project, { runId: runs[0].id, sets: ['validation'] });
    opened = await openPageOn(sample.project);
  }, 240_000);
  afterAll(async () => {
    await opened?.close();
    sample?.remove();
  });

  it('lays a map over the image, which follows it, and checks it', async () => {
    const { page, problems } = opened;
    await page.getByRole('navigation').getByRole('link', { name: 'Evaluate', exact: true }).click();
    await page.getByRole('tab', { name: /Worst errors/ }).click();
    await page.getByRole('tabpanel').locator('li button:enabled').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('canvas[style*="matrix"]').waitFor({ timeout: 60_000 });
    const before = await dialog.locator('canvas[style*="matrix"]').boundingBox();
    const image = await dialog.locator('.bg-black').first().boundingBox();
    expect(before!.width).toBeGreaterThan(0.5 * Math.min(image!.width, image!.height));
    await page.mouse.move(image!.x + image!.width / 2, image!.y + image!.height / 2);
    await page.keyboard.down('Shift');
    await page.mouse.down();
    await page.mouse.move(image!.x + image!.width / 2 + 40, image!.y + image!.height / 2, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await expect
      .poll(async () => (await dialog.locator('canvas[style*="matrix"]').boundingBox())!.x - before!.x)
      .toBeGreaterThan(20);
    await dialog.getByRole('button', { name: 'Check', exact: true }).click();
    await dialog.getByText('rank correlation with the first').waitFor({ timeout: 60_000 });
    await photograph(page, '6-evaluate-explain');
    expect.soft(await axeInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(problems).toEqual([]);
  }, 180_000);

  it('shows what the checks of the run came to', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: 'Checks' }).click();
    for (const title of ['Shortcuts', /Failures on/]) {
      const section = page.locator('.space-y-6 > section', {
        has: page.getByRole('heading', { name: title }),
      });
      await section.getByRole('button', { name: 'Check', exact: true }).click();
      await section.getByRole('button', { name: 'Check again' }).waitFor({ timeout: 90_000 });
    }
    await page.getByRole('heading', { name: 'Shortcuts' }).scrollIntoViewIfNeeded();
    await photograph(page, '6-evaluate-checks');
    expect.soft(await axeInBothThemes(page)).toEqual([]);
  }, 240_000);
});
