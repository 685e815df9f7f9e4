import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import {
  listInstances,
  listLabels,
  listLabelSets,
  openProjectForReading,
} from '../../src-main/store/index.ts';
import { sampleProject, smallTraining, type SampleProject } from '../app/sample-project.ts';
import { axeInBothThemes, browserPath, openPageOn, photograph, type Opened } from './page.ts';

const browser = browserPath();
const WORDS: Record<string, string> = { 'smooth-nodule': 'nodule', 'spiculated-mass': 'nodule|spiculated' };

describe.skipIf(!browser && process.env.CI !== 'true')('a study of findings in a browser', () => {
  let sample: SampleProject;
  let opened: Opened;
  beforeAll(async () => {
    sample = await sampleProject();
    const app = createApp();
    await app.labelImages(sample.project, findingsTable(), undefined, { multiLabel: true });
    await app.trainModel(sample.project, {
      ...smallTraining(sample.model),
      approaches: ['majority', 'fine-tuned'],
    });
    opened = await openPageOn(sample.project);
  }, 240_000);
  afterAll(async () => {
    await opened?.close();
    sample?.remove();
  });

  it('says by keys which findings are there, which are in doubt, and that there are none', async () => {
    const { page } = opened;
    await page.getByRole('navigation').getByRole('link', { name: 'Label', exact: true }).click();
    const findings = page.getByRole('list', { name: 'Findings' });
    await findings.waitFor({ timeout: 30_000 });
    await page.getByText(/W [\d.]+ L/).waitFor({ timeout: 30_000 });
    const [nodule, spiculated] = [/nodule/, /spiculated/].map((name) =>
      findings.getByRole('button', { name }),
    );
    // No finding, which goes on to the next image, and back to it.
    await page.keyboard.press('0');
    await page.waitForTimeout(300);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => nodule.getAttribute('aria-pressed'), { timeout: 10_000 }).toBe('false');
    await nodule.click();
    await expect.poll(() => nodule.getAttribute('aria-pressed'), { timeout: 10_000 }).toBe('true');
    await spiculated.click({ modifiers: ['Shift'] });
    await expect.poll(() => spiculated.getAttribute('aria-pressed'), { timeout: 10_000 }).toBe('mixed');
    await photograph(page, '3-label-findings');
    expect.soft(await axeInBothThemes(page)).toEqual([]);
  }, 120_000);

  it('is evaluated finding by finding, and reported so', async () => {
    const { page, problems } = opened;
    await page.getByRole('navigation').getByRole('link', { name: 'Evaluate', exact: true }).click();
    await page.getByRole('button', { name: 'Compute', exact: true }).click();
    await page.getByRole('heading', { name: 'Did transfer help?' }).waitFor({ timeout: 90_000 });
    await page.getByText('spiculated').first().waitFor();
    await photograph(page, '7-evaluate-findings');
    expect.soft(await axeInBothThemes(page)).toEqual([]);
    await page.getByRole('navigation').getByRole('link', { name: 'Report', exact: true }).click();
    await page.getByRole('button', { name: 'Write the report' }).click();
    const report = page.frameLocator('iframe');
    await report.getByRole('heading', { name: 'Summary' }).waitFor({ timeout: 90_000 });
    expect(await report.getByRole('rowheader', { name: 'spiculated' }).count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  }, 240_000);

  /** The sample's labels as findings, those of some images in doubt. */
  function findingsTable(): string {
    const project = openProjectForReading(sample.project);
    const set = listLabelSets(project.db).find((one) => one.name === 'labels')!;
    const images = new Map(listInstances(project.db).map((one) => [one.id, one.SOPInstanceUID]));
    const rows = listLabels(project.db, set.id).map(
      ({ instanceId, className }, at) =>
        `${images.get(instanceId)},${at % 11 === 5 ? 'nodule?' : (WORDS[className] ?? 'No Finding')}`,
    );
    project.close();
    const path = join(sample.folder, 'findings.csv');
    writeFileSync(path, ['sop_instance_uid,label', ...rows].join('\n'));
    return path;
  }
});
