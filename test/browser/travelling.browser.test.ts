/// <reference lib="dom" />
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { writeSampleHospitals } from '../../src-main/samples/index.ts';
import { smallTraining } from '../app/sample-project.ts';
import { saveSmallModel } from '../app/small-model.script.ts';
import { axeInBothThemes, browserPath, openPage, photograph, type Opened } from './page.ts';

/** In CI a missing browser is a failure: `openPage` then says so. */
describe.skipIf(!browserPath() && process.env.CI !== 'true')(
  'a model of another hospital in the window',
  () => {
    let opened: Opened;
    let page: Page;
    let travelling: string;
    beforeAll(async () => {
      opened = await openPage();
      ({ page } = opened);
      const [first, second] = ['first', 'second'].map((name) => join(opened.folder, name));
      const model = join(opened.folder, 'model');
      travelling = join(opened.folder, 'travelling');
      saveSmallModel(model);
      const { folders, labels } = await writeSampleHospitals(join(opened.folder, 'data'), {
        patientsPerHospital: 12,
      });
      const app = createApp();
      await app.importFolder(first, folders.a);
      await app.labelImages(first, labels);
      await app.trainModel(first, { ...smallTraining(model), split: {}, approaches: ['fine-tuned'] });
      await app.exportModel(first, { format: 'graft', path: travelling });
      await app.importFolder(second, folders.b);
      const answer = await opened.desk.call('projects.open', { folder: second });
      expect(answer.ok).toBe(true);
      await page.getByRole('link', { name: 'Adapt', exact: true }).click();
    }, 240_000);
    afterAll(() => opened?.close());

    test('is asked for where nothing was trained yet', async () => {
      await page.getByRole('button', { name: 'A model from another hospital …' }).click();
      await page.getByLabel('Folder or study capsule').fill(join(opened.folder, 'model'));
      await page.getByRole('button', { name: 'Bring it in' }).click();
      await page.getByText(/without origin\.json/).waitFor();
      await photograph(page, 'adapt-bring');
      expect(await axeInBothThemes(page)).toEqual([]);
      await page.getByLabel('Folder or study capsule').fill(travelling);
      await page.getByRole('button', { name: 'Bring it in' }).click();
      await page.getByText(/Trained in another project as its run 1/).waitFor();
    }, 60_000);

    test('offers what needs the model alone, and says why not the others', async () => {
      await page.getByLabel('Target, without').click();
      await page.getByRole('option', { name: /hospital-b/ }).click();
      await page.getByText(/of 12 patients are the target/).waitFor();
      expect(await page.getByRole('checkbox', { name: /^DANN/ }).isDisabled()).toBe(true);
      expect(await page.getByRole('checkbox', { name: /^AdaBN The/ }).isChecked()).toBe(true);
      expect(await page.getByRole('checkbox', { name: /^SHOT/ }).isChecked()).toBe(true);
      await photograph(page, 'adapt-from-elsewhere');
    }, 60_000);

    test('is adapted, stays as it came until labels speak, and is kept by hand', async () => {
      await page.getByRole('button', { name: 'Adapt and compare' }).click();
      await page.getByRole('heading', { name: 'The target on a map' }).waitFor({ timeout: 120_000 });
      await page.getByText(/is kept as it came/).waitFor();
      await photograph(page, 'adapt-away-judged');
      expect(await axeInBothThemes(page)).toEqual([]);
      await page.getByRole('button', { name: 'Keep this model: SHOT', exact: true }).click();
      await page.getByText(/is kept by hand/).waitFor();
      expect(opened.problems).toEqual([]);
    }, 240_000);
  },
);
