import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeInBothThemes, browserPath, openPage, photograph, type Opened } from './page.ts';

const browser = browserPath();
if (!browser && process.env.CI !== 'true') {
  process.stderr.write(
    'The whole job in a browser is not tried: no Chromium here. Install it, or name one in GRAFT_BROWSER.\n',
  );
}

/** In CI a missing browser is a failure: `openPage` then says so. */
describe.skipIf(!browser && process.env.CI !== 'true')('the whole job in a browser', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage();
  }, 120_000);
  afterAll(async () => {
    await opened?.close();
  });

  const go = async (screen: string, heading = screen): Promise<void> => {
    const { page } = opened;
    await page.getByRole('navigation').getByRole('link', { name: screen, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: heading }).waitFor({ state: 'attached' });
    // What the screen asks for first.
    await page.waitForTimeout(500);
  };

  /** A picture of the screen in every theme and size, and no complaint of axe's. */
  const inspect = async (name: string): Promise<void> => {
    await photograph(opened.page, name);
    // Soft: one complaint must not hide what comes after it.
    expect.soft(await axeInBothThemes(opened.page), name).toEqual([]);
  };

  it('begins with an empty list of projects that teaches', async () => {
    const { page } = opened;
    await page.getByRole('heading', { name: 'Recent projects' }).waitFor();
    await inspect('1-projects');
    await page.getByRole('button', { name: /New project/ }).click();
    await page.getByRole('button', { name: 'Choose …' }).click();
    await page.getByRole('button', { name: 'Choose this folder' }).waitFor();
    await inspect('1-projects-folders');
    await page.getByRole('button', { name: 'Cancel' }).last().click();
    await page.getByRole('button', { name: 'Cancel' }).click();
  }, 60_000);

  it('draws and imports the sample, with progress that can be seen', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: /Try the sample/ }).click();
    await page
      .getByRole('progressbar', { name: /sample/ })
      .first()
      .waitFor();
    await page.getByRole('treegrid').waitFor({ timeout: 90_000 });
    await page.getByText('482 images of 120 patients').waitFor({ timeout: 90_000 });
    await expect.poll(() => page.getByRole('progressbar').count(), { timeout: 90_000 }).toBe(0);
  }, 120_000);

  it('shows patients, series and images, and filters by what scanners differ in', async () => {
    const { page } = opened;
    const grid = page.getByRole('treegrid');
    await grid.focus();
    for (const opened of [/^Study 1/, /^Series/, /^Image 1/]) {
      await page.keyboard.press('ArrowRight');
      await grid.getByText(opened).first().waitFor();
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Image details' }).waitFor();
    await inspect('2-data-images');
    await page.getByRole('tab', { name: 'Acquisition' }).click();
    await page.getByRole('button', { name: /hospital-a/ }).click();
    await page.getByText('241 images of 60 patients').waitFor();
    await inspect('2-data-acquisition');
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await page.getByRole('tab', { name: 'Problems' }).click();
    await page.getByRole('button', { name: 'Look for duplicates' }).click();
    await page.getByText('The pixels of all images were compared.').waitFor({ timeout: 60_000 });
    await page.getByRole('heading', { name: /same picture more than once/ }).waitFor();
    await inspect('2-data-problems');
    await page.getByRole('tab', { name: 'Sources' }).click();
    await page.getByText('hospital-b').first().waitFor();
    await inspect('2-data-sources');
  }, 120_000);

  it('labels ten images by keys, and takes one back', async () => {
    const { page, desk } = opened;
    await go('Label');
    await page.getByText(/W \d+ L/).waitFor({ timeout: 30_000 });
    const before = await page.getByText(/Image \d+ of \d+/).textContent();
    for (let at = 0; at < 10; at++) {
      await page.keyboard.press(at % 2 === 0 ? '1' : '2');
      await page.waitForTimeout(120);
    }
    await page.keyboard.press('Backspace');
    await page.keyboard.press('u');
    await expect
      .poll(() => desk.call('labels.sets', null), { timeout: 10_000 })
      .toMatchObject({
        ok: true,
        value: [{ labelled: 482, uncertain: 1, readers: [expect.any(String)] }],
      });
    expect(before).toMatch(/of \d/);
    await inspect('3-label');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await inspect('3-label-keys');
    await page.keyboard.press('Escape');
  }, 90_000);

  it('changes the picture when the window is dragged, and scrolls the series with the wheel', async () => {
    const { page } = opened;
    const text = (): Promise<string | null> => page.getByText(/^W [\d.]+ L/).textContent();
    const place = (): Promise<string | null> => page.getByText(/Image \d+ of \d+/).textContent();
    const [window, image] = [await text(), await place()];
    await page.mouse.move(600, 420);
    await page.mouse.down();
    await page.mouse.move(690, 360, { steps: 6 });
    await page.mouse.up();
    await expect.poll(text, { timeout: 10_000 }).not.toBe(window);
    await page.mouse.wheel(0, 120);
    await expect.poll(place, { timeout: 10_000 }).not.toBe(image);
  }, 60_000);

  it('offers models with facts, ranks them on these images, and looks into weights files', async () => {
    const { page } = opened;
    await go('Model');
    await page.getByRole('heading', { name: /Starter/ }).waitFor();
    await inspect('4-model');
    await page.getByText('With random weights beside').click();
    await page.getByRole('button', { name: 'Rank them' }).click();
    await page.getByText('A hint for where to begin').waitFor({ timeout: 120_000 });
    await inspect('4-model-ranked');
    await page.getByRole('button', { name: 'Adapt …' }).click();
    await page.getByText('will be looked at').waitFor();
    await inspect('4-model-adapt');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: /Add weights/ }).click();
    const files = fileURLToPath(new URL('../models/weights/files/', import.meta.url));
    const weights = page.getByLabel('File or folder');
    await weights.fill(join(files, 'state_dict.pth'));
    await weights.press('Tab');
    await page.getByRole('alert').getByText('Choose weights of one of these networks').waitFor();
    await inspect('4-model-add');
    await page.getByRole('button', { name: 'Cancel' }).click();
  }, 200_000);

  it('draws the plan as a freeze map', async () => {
    const { page } = opened;
    await go('Plan');
    await page.getByRole('heading', { name: 'Freeze map' }).waitFor();
    await page.getByRole('button', { name: /^stage3 frozen/ }).click();
    await page.getByRole('button', { name: /^stage3 learns/ }).waitFor();
    await page.getByText(/stage3 and stage4 and a new head learn/).waitFor();
    await page.getByRole('button', { name: 'Show the layers of stage3' }).click();
    await page.getByRole('checkbox', { name: 'stage3_block1_1_conv learns' }).uncheck();
    await page.getByRole('button', { name: /^stage3 partly learns/ }).waitFor();
    await inspect('5-plan');
    await page.getByRole('radio', { name: 'Last stage' }).click();
    for (const [label, value] of [
      ['Epochs', '4'],
      ['Head alone', '1'],
    ]) {
      await page.getByLabel(label, { exact: true }).fill(value);
      await page.getByLabel(label, { exact: true }).press('Tab');
    }
    await page.getByRole('tab', { name: 'Images' }).click();
    await page.getByRole('img', { name: 'Version 4 of training image 4' }).waitFor();
    await page.getByLabel('Size').fill('48');
    await page.getByLabel('Size').press('Tab');
    await inspect('5-plan-images');
    await page.getByRole('tab', { name: 'Patients' }).click();
    await page.getByRole('checkbox', { name: /hospital-b/ }).check();
    await page.getByRole('columnheader', { name: 'hospital-b' }).waitFor();
    await inspect('5-plan-patients');
  }, 120_000);

  it('trains, can be held and goes on, and shows curves', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'New training …' }).waitFor({ timeout: 240_000 });
    await expect.poll(() => page.getByText('done', { exact: true }).count(), { timeout: 20_000 }).toBe(4);
    await inspect('6-run');
    await page.getByRole('tab', { name: 'Log' }).click();
    await page
      .getByText(/frozen weights unmoved/)
      .first()
      .waitFor();
    await page.getByRole('tab', { name: /All trainings/ }).click();
    await inspect('6-run-history');
  }, 300_000);

  it('evaluates: validation freely, the test patients only when they are opened', async () => {
    const { page, desk } = opened;
    await go('Evaluate');
    await page.getByRole('button', { name: 'Compute', exact: true }).click();
    await page.getByRole('heading', { name: 'Did transfer help?' }).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /^test/ }).click();
    await page.getByRole('button', { name: 'Open them …' }).click();
    await inspect('7-evaluate-lock');
    await page.getByRole('button', { name: 'Open and count it' }).click();
    await page.getByText(/opened 1 ×/).waitFor({ timeout: 60_000 });
    await page.getByRole('heading', { name: 'Did transfer help?' }).waitFor({ timeout: 60_000 });
    const list = await desk.call('evaluations.list', null);
    expect(list).toMatchObject({ ok: true });
    await page
      .getByRole('button', { name: /images of .* called .*show them/ })
      .first()
      .click();
    await inspect('7-evaluate');
    for (const [tab, name] of [
      [/Worst errors/, 'errors'],
      [/Threshold and decision/, 'curves'],
      [/Calibration/, 'calibration'],
      [/Subgroups/, 'subgroups'],
      [/Patients/, 'patients'],
      [/Planning/, 'planning'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForTimeout(300);
      await inspect(`7-evaluate-${name}`);
    }
    await page.getByRole('tab', { name: /Threshold and decision/ }).click();
    const roc = page.getByRole('img', { name: /^ROC/ });
    await roc.scrollIntoViewIfNeeded();
    const box = (await roc.boundingBox())!;
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.1 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Whole chart' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Whole chart' }).count()).toBe(0);
    await page.getByRole('button', { name: /^True negative/ }).click();
    await page.getByRole('heading', { name: /^True negative: \d+ image/ }).waitFor();
  }, 300_000);

  it('writes the report and a checked model, and saves copies', async () => {
    const { page, folder } = opened;
    await go('Report');
    await page.getByRole('button', { name: 'Write the report' }).click();
    await page.frameLocator('iframe').getByRole('heading', { name: 'Summary' }).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Export and check' }).click();
    await page.getByText(/Checked against the trainer on \d+/).waitFor({ timeout: 60_000 });
    await inspect('8-report');
    await page.getByRole('button', { name: 'JSON …' }).click();
    await page.getByLabel('Path').fill(folder);
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    await page.getByLabel('File name').fill('my-report.json');
    await page.getByRole('button', { name: 'Save here' }).click();
    const saved = join(folder, 'my-report.json');
    await expect.poll(() => existsSync(saved)).toBe(true);
    expect(JSON.parse(readFileSync(saved, 'utf8'))).toMatchObject({
      format: 1,
      project: 'Two drawn hospitals',
    });
  }, 180_000);

  it('writes documents for a PACS, and shows what was done', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Write: DICOM for a PACS' }).click();
    await page.getByText(/files on \d+ images, which say who the patients are/).waitFor({ timeout: 60_000 });
    await inspect('8-report-other-systems');
    await page.getByRole('button', { name: 'Show what was done' }).click();
    await page.getByRole('cell', { name: /left as DICOM/ }).waitFor();
    await inspect('8-report-audit');
    await page.keyboard.press('Escape');
  }, 120_000);

  it('has written no error on the way', () => {
    expect(opened.problems).toEqual([]);
  });
});
