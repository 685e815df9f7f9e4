import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdaptReport, createApp } from '../../src-main/app/index.ts';
import { modelOriginSchema } from '../../src-main/contract/model-origin.ts';
import { reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { originOfRun } from '../../src-main/store/arrived-models.ts';
import {
  getInstances,
  listLabelSets,
  listSplitMembers,
  openProjectForReading,
} from '../../src-main/store/index.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));
const DOMAINS = { target: { source: 'hospital-b' } };

describe('a model that travels alone', () => {
  const app = createApp();
  let sample: SampleProject;
  let here: string;
  let travelling: string;
  let adapted: AdaptReport;

  beforeAll(async () => {
    sample = await sampleProject();
    await app.trainModel(sample.project, {
      ...smallTraining(sample.model),
      split: { options: { filter: { source: 'hospital-a' } } },
      approaches: ['fine-tuned'],
    });
    await app.evaluate(sample.project, { sets: ['validation'] });
    travelling = join(sample.folder, 'travelling');
    await app.exportModel(sample.project, { format: 'graft', path: travelling });
    here = join(sample.folder, 'second');
    await app.importFolder(here, join(sample.folder, 'data', 'hospital-b'));
    adapted = await app.adapt(here, {
      modelPath: travelling,
      domains: DOMAINS,
      methods: ['adabn', 'shot'],
      settings: { epochs: 2 },
    });
  }, 180_000);
  afterAll(() => sample.remove());

  const reading = <Result>(work: (project: ReturnType<typeof openProjectForReading>) => Result): Result => {
    const project = openProjectForReading(here);
    try {
      return work(project);
    } finally {
      project.close();
    }
  };
  const originIn = (folder: string) =>
    modelOriginSchema.parse(JSON.parse(readFileSync(join(folder, 'origin.json'), 'utf8')));
  const weightsOf = (runId: number): Buffer =>
    readFileSync(join(here, 'runs', String(runId), 'model', 'weights.safetensors'));

  test('leaves with classes, preprocessing and counts, and with nothing of an image, a patient or a folder', () => {
    const { classes, preprocessing, learned, validation, figures, config } = originIn(travelling);
    expect(classes).toHaveLength(3);
    expect(preprocessing).toMatchObject({ height: 32, width: 32 });
    expect(learned.classes.reduce((sum, count) => sum + count)).toBe(learned.images);
    expect(validation!.confusion.flat().reduce((sum, count) => sum + count)).toBe(validation!.images);
    expect(figures!.map(({ figure }) => figure)).toEqual(['brightness', 'contrast', 'noise', 'smoothness']);
    expect(config.initial).toBe('model');
    for (const name of ['origin.json', 'model.json'])
      expect(readFileSync(join(travelling, name), 'utf8')).not.toContain(sample.folder);
  });

  test('is adapted where none of its images is, and nobody has labelled any', () => {
    expect(adapted.runs.map(({ approach, state }) => [approach, state])).toEqual([
      ['fine-tuned', 'done'],
      ['adapted-adabn', 'done'],
      ['adapted-shot', 'done'],
    ]);
    expect(adapted.facts.source).toEqual({ images: 0, patients: 0 });
    expect(adapted.facts.target.patients).toBe(12);
    const [copy, ...others] = adapted.runs.map(({ id }) => weightsOf(id));
    expect(copy.equals(readFileSync(join(travelling, 'weights.safetensors')))).toBe(true);
    expect(others.some((one) => one.equals(copy))).toBe(false);
  });

  test('says where it came from by hash, in the trail and with every run, and keeps no path', () => {
    const { weights } = originIn(travelling);
    reading(({ db }) => {
      for (const { id } of adapted.runs) expect(originOfRun(db, id)!.weights).toBe(weights);
      expect(listLabelSets(db).map(({ name }) => name)).toEqual(['labels']);
    });
    const { entries, verification } = app.readAudit(here);
    expect(verification.intact).toBe(true);
    expect(entries.find(({ kind }) => kind === 'model-arrived')!.sentence).toContain(weights.slice(0, 12));
    expect(JSON.stringify(app.listRuns(here))).not.toContain(travelling);
  });

  test('is not evaluated before there are labels, and no label-free figure chooses another in its place', async () => {
    await expect(app.evaluate(here)).rejects.toMatchObject({ code: 'nothing-labelled' });
    const { judgement, kept } = await app.judgeAdaptation(here);
    expect(judgement.sourceAway).toBe(true);
    expect(judgement.candidates.map(({ method }) => method)).toEqual([null, 'adabn', 'shot']);
    const [first, second] = judgement.candidates.map(({ view }) => view);
    expect(first.distances).toEqual({ proxyA: null, mmd: null, mmdP: null, coral: null });
    const { confusion, images } = originIn(travelling).validation!;
    const right = confusion.reduce((sum, row, c) => sum + row[c], 0);
    expect(first.sourceAccuracy).toBeCloseTo(right / images, 10);
    expect(second.sourceAccuracy).toBeNull();
    expect(judgement.candidates[1].verdict).toMatchObject({ state: 'unknown', alarm: false });
    expect(judgement.differences).toHaveLength(4);
    expect(new Set(first.map.map(({ domain }) => domain))).toEqual(new Set(['target']));
    expect(kept).toMatchObject({ runId: judgement.candidates[0].runId, by: 'rule' });
    await expect(app.judgeAdaptation(here, { selectBy: 'weighted-risk' })).rejects.toMatchObject({
      code: 'judgement-validator',
    });
  });

  test('is judged by an audit, whose patients stay out of what it is evaluated on', async () => {
    const audit = await app.chooseAudit(here, { patients: 5 });
    expect(audit.instanceIds).toHaveLength(5);
    await app.labelImages(here, join(sample.folder, 'data', 'labels.csv'), 'hospital-b');
    const { judgement } = await app.judgeAdaptation(here);
    expect(judgement.candidates[2].audit!.patients).toBe(5);
    const again = await app.adapt(here, {
      runId: judgement.sourceRunId,
      domains: DOMAINS,
      methods: ['adabn'],
    });
    const { results } = await app.evaluate(here);
    expect(results.map(({ setName }) => setName)).toEqual(['labelled']);
    reading(({ db }) => {
      const patients = (ids: readonly number[]) =>
        new Set(getInstances(db, ids).map(({ patientKey }) => patientKey));
      const members = listSplitMembers(db, again.comparison.splitId).map(({ instanceId }) => instanceId);
      const audited = patients(audit.instanceIds);
      expect([...patients(members)].filter((one) => audited.has(one))).toEqual([]);
      expect(patients(members).size).toBe(7);
    });
    const { files } = await app.writeReport(here, { runId: again.runs[1].id });
    const report = reportSchema.parse(JSON.parse(readFileSync(files.json!.path, 'utf8')));
    expect(report.adaptation!.origin!.weights).toBe(originIn(travelling).weights);
    expect(report.limitations.join()).toContain('trained in another project');
    expect(JSON.stringify(report)).not.toContain(travelling);
  }, 60_000);

  test('is exported as any other, and travels on with what it was adapted by', async () => {
    const runId = adapted.runs[2].id;
    const onnx = await app.exportModel(here, { runId });
    expect(onnx.largestDifference).toBeLessThan(1e-5);
    const onward = join(sample.folder, 'onward');
    await app.exportModel(here, { runId, format: 'graft', path: onward });
    const [before, now] = [travelling, onward].map(originIn);
    expect(now).toMatchObject({ adaptedBy: ['shot'], validation: null, learned: before.learned });
    expect(now.splitHash).toBe(before.splitHash);
  });

  test('goes on from what it was adapted to, but not from a recipe that undoes it', async () => {
    const runId = adapted.runs[1].id;
    const onward = { runId, domains: DOMAINS, methods: ['shot'] as const };
    const { runs } = await app.adapt(here, { ...onward, settings: { epochs: 1 } });
    expect(weightsOf(runs[0].id).equals(weightsOf(runId))).toBe(true);
    await expect(app.adapt(here, { ...onward, settings: { start: 'recipe' } })).rejects.toMatchObject({
      code: 'start-from-model',
    });
  });

  test('comes out of a study capsule too, and is the same model', async () => {
    const path = join(sample.folder, 'study.capsule');
    await app.writeCapsule(sample.project, { path });
    const fresh = join(sample.folder, 'third');
    await app.importFolder(fresh, join(sample.folder, 'data', 'hospital-b'));
    const { runs } = await app.adapt(fresh, { modelPath: path, domains: DOMAINS, methods: ['adabn'] });
    const project = openProjectForReading(fresh);
    const origin = originOfRun(project.db, runs[0].id)!;
    project.close();
    const { weights, learned, validation, classes } = originIn(travelling);
    expect(origin).toMatchObject({ weights, learned, classes, figures: null });
    expect(origin.validation!.confusion).toEqual(validation!.confusion);
    writeFileSync(path, readFileSync(path).subarray(0, 100_000));
    await expect(
      app.adapt(fresh, { modelPath: path, domains: DOMAINS, methods: ['adabn'] }),
    ).rejects.toMatchObject({ code: 'weights-file' });
  });

  test('is refused in a sentence where something does not fit', async () => {
    const bring = (modelPath: string, options: Partial<Parameters<typeof app.adapt>[1]> = {}) =>
      app.adapt(here, { modelPath, domains: DOMAINS, methods: ['adabn'], ...options });
    await expect(bring(join(sample.folder, 'nowhere'))).rejects.toMatchObject({ code: 'travelling-missing' });
    await expect(bring(sample.model)).rejects.toMatchObject({ code: 'travelling-format' });
    const damaged = join(sample.folder, 'damaged');
    cpSync(travelling, damaged, { recursive: true });
    appendFileSync(join(damaged, 'weights.safetensors'), 'x');
    await expect(bring(damaged)).rejects.toThrow(/weights\.safetensors was changed/);
    rmSync(join(damaged, 'weights.safetensors'));
    await expect(bring(damaged)).rejects.toThrow(/weights\.safetensors is missing/);
    writeFileSync(join(damaged, 'origin.json'), '{}');
    await expect(bring(damaged)).rejects.toMatchObject({ code: 'travelling-damaged' });
    for (const method of ['dann', 'histogram', 'self-training', 'mcc'] as const)
      await expect(bring(travelling, { methods: [method] })).rejects.toMatchObject({ code: 'source-away' });
    const source = { domains: { ...DOMAINS, source: { source: 'hospital-b' } } };
    await expect(bring(travelling, source)).rejects.toMatchObject({ code: 'source-away' });
    const other = join(sample.folder, 'other-labels');
    await app.importFolder(other, join(sample.folder, 'data', 'hospital-b'));
    const table = join(sample.folder, 'other.csv');
    const rows = readFileSync(join(sample.folder, 'data', 'labels.csv'), 'utf8').replaceAll(
      'smooth-nodule',
      'cyst',
    );
    writeFileSync(table, rows);
    await app.labelImages(other, table);
    await expect(
      app.adapt(other, { modelPath: travelling, domains: DOMAINS, methods: ['adabn'] }),
    ).rejects.toThrow(/has “cyst” as well/);
  });

  test('killed while it is adapted and resumed it ends as if it had not been', async () => {
    const graft = (...args: string[]) =>
      spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, 'adapt', '-p', here, ...args], {
        stdio: 'ignore',
      });
    const shot = ['--model', travelling, '--target', 'hospital-b', '--method', 'shot', '--epochs', '12'];
    const newest = () => app.listRuns(here).at(-1)!;
    const [code] = (await once(graft(...shot), 'close')) as [number];
    expect(code).toBe(0);
    const whole = newest().run.id;
    const child = graft(...shot);
    const end = once(child, 'close');
    while (newest().run.id === whole || newest().epochs.length < 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await end;
    const { run } = newest();
    expect(run.result).toBeNull();
    const [resumed] = (await once(graft('--resume', String(run.id)), 'close')) as [number];
    expect(resumed).toBe(0);
    expect(newest().run.state).toBe('done');
    expect(weightsOf(run.id).equals(weightsOf(whole))).toBe(true);
  }, 120_000);
});
