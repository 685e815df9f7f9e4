import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { imagesSeen, judgedBy, seenBefore } from '../../src-main/app/lineage.ts';
import { unfinishedPretrainings } from '../../src-main/app/pretraining-records.ts';
import type { PretrainOptions } from '../../src-main/app/index.ts';
import { loadDataset } from '../../src-main/cohort/index.ts';
import type { AddedModel } from '../../src-main/contract/calls/models.ts';
import type { CrossValidationReport } from '../../src-main/contract/cross-validation.ts';
import type { Split } from '../../src-main/contract/dataset.ts';
import {
  getInstances,
  hashesOfInstance,
  listSplitMembers,
  openProjectForReading,
  type ReadableProject,
} from '../../src-main/store/index.ts';
import { sampleProject, type SampleProject } from './sample-project.ts';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));
const small = { height: 32, width: 32, channels: 1 as const };

describe('a model that is continued on the project’s own images', () => {
  const app = createApp();
  let sample: SampleProject;
  let parent: AddedModel;
  let split: Split;
  let added: AddedModel;
  const options = (): PretrainOptions => ({
    from: parent.id,
    settings: { epochs: 1, batchSize: 16, projection: 16, freezeUntil: 'stage3', threads: 1 },
    preprocessing: small,
  });
  const reading = <Result>(work: (project: ReadableProject) => Result): Result => {
    const project = openProjectForReading(sample.project);
    try {
      return work(project);
    } finally {
      project.close();
    }
  };

  beforeAll(async () => {
    sample = await sampleProject();
    parent = await app.addModel(sample.project, {
      path: sample.model,
      title: 'Small',
      source: 'tests',
      licence: 'CC0-1.0',
      sourceTask: 'nothing',
    });
    split = await app.createSplit(sample.project, { options: { filter: { source: 'hospital-a' } } });
    added = await app.pretrainUnlabelled(sample.project, options());
  }, 120_000);
  afterAll(() => sample.remove());

  test('is added with its lineage, and listed', () => {
    const { lineage } = added;
    expect(added).toMatchObject({
      modelName: 'starter',
      title: 'Small, continued without labels',
      licence: 'CC0-1.0',
      sourceTask: `self-supervised on ${lineage!.images} unlabelled images of this project, before that nothing`,
    });
    expect(lineage).toMatchObject({
      parent: { name: parent.id, title: 'Small', sha256: parent.sha256 },
      method: 'simclr',
      methodTitle: 'SimCLR (Chen et al. 2020)',
      size: 32,
      heldOut: { splitId: split.id, splitHash: split.hash, patients: split.counts.test.patients },
      settings: { epochs: 1, batchSize: 16, initial: parent.id },
    });
    expect(lineage!.reports.at(-1)!.step).toBe(lineage!.steps);
    expect(app.listModels(sample.project).added.map(({ id }) => id)).toContain(added.id);
    expect(added.id).toMatch(/^starter-simclr-[0-9a-f]{8}$/);
    expect(JSON.stringify(added)).not.toContain('PAT');
    expect(readdirSync(join(sample.project, 'runs'))).toEqual([]);
  });

  test('has seen all images but those of the patients of the test set, and none with their pixels', () => {
    reading((project) => {
      const seen = imagesSeen(added.folder);
      const members = listSplitMembers(project.db, split.id);
      const closed = members.filter(({ role }) => role === 'test');
      expect(closed.length).toBeGreaterThan(0);
      for (const { instanceId } of closed)
        for (const hash of hashesOfInstance(project.db, instanceId)) expect(seen.has(hash)).toBe(false);
      const open = members.filter(({ role }) => role !== 'test');
      expect(
        open.every(({ instanceId }) => hashesOfInstance(project.db, instanceId).some((one) => seen.has(one))),
      ).toBe(true);
      // Images without a place in the split, those of the other hospital, were learned from too.
      expect(seen.size).toBe(added.lineage!.images);
      expect(seen.size).toBeGreaterThan(open.length);
      const patients = new Set(
        getInstances(
          project.db,
          closed.map((one) => one.instanceId),
        ).map((one) => one.patientKey),
      );
      expect(patients.size).toBe(added.lineage!.heldOut!.patients);
    });
  });

  test('can be trained from, is judged by nobody it has seen, and the report says so', async () => {
    const warnings: string[] = [];
    await app.trainModel(sample.project, {
      split: { splitId: split.id },
      settings: { modelName: added.id, epochs: 1, headEpochs: 1, threads: 1, augmentation: { variants: 1 } },
      preprocessing: small,
      approaches: ['fine-tuned'],
      onWarnings: (found) => warnings.push(...found.map(({ kind }) => kind)),
    });
    expect(warnings).not.toContain('seen-without-labels');
    await app.evaluate(sample.project);
    const { html, model } = await app.writeReport(sample.project);
    expect(model.model.continued).toMatchObject({ from: 'Small', seen: { images: 0, patients: 0 } });
    const text = readFileSync(html, 'utf8').replace(/\s+/g, ' ');
    expect(text).toContain('without their labels, from Small');
    expect(text).toContain('all patients of the locked test set');
  }, 60_000);

  test('is compared with what it was continued from, by the same images', async () => {
    const ranking = await app.rankModels(sample.project, {
      models: [parent.id, added.id],
      split: { splitId: split.id },
      preprocessing: small,
      costs: false,
    });
    const probes = [added, parent].map(
      ({ id }) => ranking.models.find(({ name }) => name === id)!.probe.value,
    );
    expect(ranking.gains).toMatchObject([{ name: added.id, parent: parent.id }]);
    const { value, low, high } = ranking.gains![0].difference;
    expect(value).toBeCloseTo(probes[0] - probes[1], 12);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  }, 60_000);

  test('is said to have seen those whom another split holds out', async () => {
    const other = await app.createSplit(sample.project, {
      options: { filter: { source: 'hospital-a' }, seed: 5 },
    });
    reading((project) => {
      const dataset = loadDataset(project, other.id, small);
      const seen = seenBefore(project, added.folder, judgedBy(dataset));
      const unseen = loadDataset(project, split.id, small);
      expect(seen.patients).toBeGreaterThan(0);
      expect(seen.images).toBeGreaterThan(0);
      expect(seenBefore(project, added.folder, judgedBy(unseen))).toEqual({ images: 0, patients: 0 });
      expect(seenBefore(project, parent.folder, judgedBy(dataset))).toEqual({ images: 0, patients: 0 });
    });
    const warnings: string[] = [];
    await app.trainModel(sample.project, {
      split: { splitId: other.id },
      settings: { modelName: added.id },
      preprocessing: small,
      approaches: ['majority'],
      onWarnings: (found) => warnings.push(...found.map(({ kind }) => kind)),
    });
    expect(warnings).toContain('seen-without-labels');
  }, 60_000);

  test('is said to have seen those whom a cross-validation deals', async () => {
    const { id: splitId } = await app.createSplit(sample.project, {
      options: { fractions: { train: 0.8, validation: 0.2, test: 0 } },
    });
    const cross = (modelName: string): Promise<CrossValidationReport> =>
      app.crossValidate(sample.project, {
        plan: { split: { splitId }, settings: { modelName }, preprocessing: small },
        crossValidation: { folds: 2, approaches: ['majority'] },
      });
    const { dealt, notes } = await cross(added.id);
    expect(dealt.seen).toEqual({ patients: dealt.patients, images: dealt.images });
    expect(notes.join(' ')).toContain(`of ${dealt.patients} of these patients`);
    const free = await cross(parent.id);
    expect(free.dealt).toMatchObject({ patients: dealt.patients });
    expect(free.dealt.seen).toBeUndefined();
    expect(free.notes.join(' ')).not.toContain('without labels');
  }, 60_000);

  test('hands on to its heirs what it has seen; mirrored views are warned of where sides matter', async () => {
    const told: string[] = [];
    const heir = await app.pretrainUnlabelled(sample.project, {
      ...options(),
      from: added.id,
      datasets: ['hospital-b'],
      split: { splitId: split.id },
      settings: { ...options().settings, epochs: 1, method: 'vicreg', views: { flipHorizontal: true } },
      onStart: ({ warnings }) => told.push(...warnings),
    });
    expect(told).toEqual([expect.stringContaining('left is right, and here sides matter')]);
    expect(heir.lineage).toMatchObject({ datasets: ['hospital-b'], parent: { name: added.id } });
    expect(heir.lineage!.images).toBeLessThan(added.lineage!.images);
    expect(imagesSeen(heir.folder)).toEqual(imagesSeen(added.folder));
  }, 60_000);

  test('says what is wrong', async () => {
    await expect(
      app.pretrainUnlabelled(sample.project, { ...options(), datasets: ['hospital-z'] }),
    ).rejects.toMatchObject({ code: 'images-too-few' });
    await expect(
      app.pretrainUnlabelled(sample.project, { ...options(), from: 'resnet50' }),
    ).rejects.toMatchObject({
      code: 'weights-not-shipped',
    });
    await expect(app.resumePretraining(sample.project, 99)).rejects.toMatchObject({
      code: 'pretraining-missing',
    });
    const settings = { ...options().settings, freezeUntil: 'stage9' };
    await expect(app.pretrainUnlabelled(sample.project, { ...options(), settings })).rejects.toMatchObject({
      code: 'stage-unknown',
    });
    const told: unknown[] = [];
    const frozen = { ...options(), settings: { ...settings, freezeUntil: 'stage4' } };
    await expect(
      app.pretrainUnlabelled(sample.project, { ...frozen, onStart: (started) => told.push(started) }),
    ).rejects.toMatchObject({
      code: 'settings-wrong',
      message: expect.stringContaining('stage3), found "stage4"'),
    });
    expect(told).toEqual([]);
    // What would fail again is not offered to be gone on with.
    expect(reading(unfinishedPretrainings)).toEqual([]);
  });

  describe('from the command line', () => {
    const graft = (...words: string[]): ChildProcess =>
      spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...words], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const unfinished = () => reading(unfinishedPretrainings);
    const checkpoint = (): number => {
      const path = join(
        sample.project,
        'runs',
        `pretraining-${unfinished()[0]?.id ?? 0}`,
        'checkpoint.safetensors',
      );
      return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    };

    /** Stops a command once it has written a checkpoint. */
    async function stopped(child: ChildProcess, signal: NodeJS.Signals) {
      const before = checkpoint();
      const end = ended(child);
      while (checkpoint() === before) {
        if (child.exitCode !== null) throw new Error(`ended too early: ${(await end).stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const start = performance.now();
      child.kill(signal);
      return { ...(await end), seconds: (performance.now() - start) / 1000 };
    }

    test('ends with the same weights, cancelled and killed on the way, as if it had never stopped', async () => {
      const own: PretrainOptions = {
        ...options(),
        datasets: ['hospital-a'],
        split: { splitId: split.id },
        settings: { method: 'byol', epochs: 3, batchSize: 16, freezeUntil: 'stage3', threads: 1 },
      };
      const whole = await app.pretrainUnlabelled(sample.project, own);
      const cancelled = await stopped(
        graft(
          ...[
            'pretrain',
            '-p',
            sample.project,
            '--unlabelled',
            '--from',
            parent.id,
            '--size',
            '32',
            '--method',
            'byol',
          ],
          ...['-d', 'hospital-a', '--split', '1', '--epochs', '3', '--batch-size', '16', '--threads', '1'],
          ...['--freeze-until', 'stage3'],
        ),
        'SIGINT',
      );
      expect(cancelled.code).toBe(130);
      // Within a second where the machine is free: test/jobs/run-in-worker.test.ts holds workers to it.
      expect(cancelled.seconds).toBeLessThan(5);
      const [{ id, title }] = unfinished();
      expect(title).toBe('Small, continued without labels (3)');
      expect(cancelled.stderr).toContain(`graft pretrain --resume ${id}`);
      expect(cancelled.stderr).toContain('holds out for evaluation');
      const killed = await stopped(
        graft('pretrain', '--resume', String(id), '-p', sample.project),
        'SIGKILL',
      );
      expect(killed.signal).toBe('SIGKILL');
      const resumed = await app.resumePretraining(sample.project, id);
      expect(resumed.sha256).toBe(whole.sha256);
      expect(unfinished()).toEqual([]);
    }, 180_000);
  });
});

async function ended(child: ChildProcess) {
  let stderr = '';
  let stdout = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}
