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
describe.skipIf(!browserPath() && process.env.CI !== 'true')('the Adapt screen', () => {
  let opened: Opened;
  let page: Page;
  beforeAll(async () => {
    opened = await openPage();
    ({ page } = opened);
    const project = join(opened.folder, 'two-sites');
    const model = join(opened.folder, 'model');
    saveSmallModel(model);
    const { folders, labels } = await writeSampleHospitals(join(opened.folder, 'data'), {
      patientsPerHospital: 12,
    });
    const app = createApp();
    await app.importFolder(project, folders.a);
    await app.importFolder(project, folders.b);
    await app.labelImages(project, labels);
    const training = smallTraining(model);
    await app.trainModel(project, {
      ...training,
      split: { options: { filter: { source: 'hospital-a' } } },
      approaches: ['fine-tuned'],
    });
    const answer = await opened.desk.call('projects.open', { folder: project });
    expect(answer.ok).toBe(true);
    await page.getByRole('link', { name: 'Adapt', exact: true }).click();
  }, 180_000);
  afterAll(() => opened?.close());

  test('counts both domains as soon as a target is chosen', async () => {
    await page.getByLabel('Target, without').click();
    await page.getByRole('option', { name: /hospital-b/ }).click();
    await page.getByText(/of 12 patients the target/).waitFor();
  });

  test('puts two methods together, and tries them beside the others', async () => {
    await page.getByRole('button', { name: 'Add the combination' }).click();
    expect(await page.getByRole('checkbox', { name: /^AdaBN, then Self-training/ }).isChecked()).toBe(true);
    await photograph(page, 'adapt-combined');
  }, 60_000);

  test('adapts by the chosen methods and sets them side by side', async () => {
    await page.getByRole('button', { name: 'Adapt and compare' }).click();
    await page
      .getByRole('heading', { name: 'What differs, and what it brought' })
      .waitFor({ timeout: 120_000 });
    const rows = page.getByRole('row');
    await page.getByRole('rowheader', { name: /Deep CORAL/ }).waitFor();
    await page.getByRole('rowheader', { name: /AdaBN, then Self-training/ }).waitFor();
    expect(await rows.count()).toBe(5);
    expect(await page.getByText('kept', { exact: true }).count()).toBe(1);
    expect(await page.getByRole('img', { name: /images of both domains by domain/ }).count()).toBe(2);
  }, 180_000);

  test('keeps the model that a person chooses', async () => {
    await page
      .getByRole('button', { name: /^Keep this model: / })
      .first()
      .click();
    await page.getByText(/is kept by hand/).waitFor();
  });

  test('draws an audit, and says how many are to be labelled', async () => {
    await page.getByRole('button', { name: 'Draw patients' }).click();
    await page.getByText(/patients, one image of each/).waitFor();
  });

  test('has nothing that axe objects to, and no error', async () => {
    await photograph(page, 'adapt');
    expect(await axeInBothThemes(page)).toEqual([]);
    expect(opened.problems).toEqual([]);
  }, 60_000);
});
