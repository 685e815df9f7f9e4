import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { planSchema } from '../../src-main/contract/calls/plans.ts';
import { writeSampleHospitals } from '../../src-main/samples/index.ts';
import { saveSmallModel } from '../app/small-model.script.ts';
import { axeInBothThemes, browserPath, openPage, photograph, type Opened } from './page.ts';

/** In CI a missing browser is a failure: `openPage` then says so. */
describe.skipIf(!browserPath() && process.env.CI !== 'true')(
  'cross-validation on the Evaluate screen',
  () => {
    let opened: Opened;
    let page: Page;
    beforeAll(async () => {
      opened = await openPage();
      ({ page } = opened);
      const project = join(opened.folder, 'one-site');
      const model = join(opened.folder, 'model');
      saveSmallModel(model);
      const { folders, labels } = await writeSampleHospitals(join(opened.folder, 'data'), {
        patientsPerHospital: 18,
      });
      const app = createApp();
      await app.importFolder(project, folders.a);
      await app.labelImages(project, labels);
      const { desk } = opened;
      expect((await desk.call('projects.open', { folder: project })).ok).toBe(true);
      const plan = planSchema.parse({
        settings: { initial: model, freezePreset: 'feature-extraction', epochs: 2, threads: 1 },
        preprocessing: { height: 32, width: 32, channels: 1 },
        approaches: ['majority', 'fine-tuned'],
      });
      expect((await desk.call('plans.save', { plan })).ok).toBe(true);
      await page.getByRole('link', { name: 'Evaluate', exact: true }).click();
      await page.getByText('Cross-validation', { exact: true }).click();
    }, 180_000);
    afterAll(() => opened?.close());

    test('asks before patients that are kept for a test are dealt', async () => {
      const locked = page.getByRole('switch', { name: /Deal patients kept for a test/ });
      await locked.click();
      await page.getByRole('button', { name: 'Cross-validate …' }).click();
      await page.getByRole('dialog', { name: 'Deal the patients kept for a test?' }).waitFor();
      await page.getByRole('button', { name: 'Not yet' }).click();
      await locked.click();
    });

    test('tunes within each fold, and shows what each chose and what all came to', async () => {
      await page.getByLabel('Folds', { exact: true }).fill('2');
      await page.getByRole('switch', { name: /Tune within each fold/ }).click();
      await page.getByLabel('Values of Dropout').fill('0, 0.4');
      await page.getByText(/trained 2 times, and 2 trials tune each fold/).waitFor();
      await photograph(page, 'cross-validation-form');
      await page.getByRole('button', { name: 'Cross-validate', exact: true }).click();
      await page.getByRole('heading', { name: 'All patients together' }).waitFor({ timeout: 150_000 });
      await page
        .getByRole('heading', { name: /Cross-validation 1: starter, 2 folds of 18 patients, tuned/ })
        .waitFor();
      expect(await page.getByText('head.dropout').count()).toBe(2);
      expect(await page.getByText('judged', { exact: true }).count()).toBe(2);
      await photograph(page, 'cross-validation');
    }, 180_000);

    test('passes axe in both themes, and writes no error', async () => {
      expect(await axeInBothThemes(page)).toEqual([]);
      expect(opened.problems).toEqual([]);
    }, 60_000);
  },
);
