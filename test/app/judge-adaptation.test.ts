import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditSize } from '../../src-main/app/adaptation/audit.ts';
import { auditResult } from '../../src-main/app/adaptation/audit-result.ts';
import { type AdaptReport, createApp } from '../../src-main/app/index.ts';
import type { StoredJudgement } from '../../src-main/contract/adaptation-judgement.ts';
import { reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { getInstances, openProjectForReading } from '../../src-main/store/index.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

describe('judging an adaptation', () => {
  const app = createApp();
  let sample: SampleProject;
  let adapted: AdaptReport;
  let judged: StoredJudgement;
  beforeAll(async () => {
    sample = await sampleProject();
    const training = smallTraining(sample.model);
    await app.trainModel(sample.project, {
      ...training,
      // Hospital B stays out of the split: its patients are free to be an audit.
      split: { options: { filter: { source: 'hospital-a' } } },
      settings: { ...training.settings, epochs: 2 },
      approaches: ['fine-tuned'],
    });
    adapted = await app.adapt(sample.project, {
      domains: { target: { source: 'hospital-b' } },
      methods: ['coral', 'adabn'],
      settings: { epochs: 1 },
    });
    judged = await app.judgeAdaptation(sample.project);
  }, 180_000);
  afterAll(() => sample.remove());

  test('sets the unadapted model beside all that were adapted from it to one target', () => {
    const { judgement } = judged;
    expect(judgement.candidates.map(({ method }) => method)).toEqual([null, 'coral', 'adabn']);
    expect(judgement.candidates[1].runId).toBe(adapted.runs[1].id);
    expect(judgement.target.patients).toBe(12);
    for (const { view } of judgement.candidates) {
      expect(view.distances.mmdP).toBeGreaterThan(0);
      expect(view.map).toHaveLength(judgement.source.images + judgement.target.images);
      expect(new Set(view.map.map(({ domain }) => domain)).size).toBe(2);
      expect(view.validators.entropy).toBeGreaterThan(0);
    }
    expect(judgement.sentence).toMatch(/\.$/);
    expect(judgement.candidates.map(({ runId }) => runId)).toContain(judgement.selected);
    expect(judged.kept).toMatchObject({ runId: judgement.selected, by: 'rule' });
  });

  test('says nothing by labels before there are any', () => {
    for (const { audit, verdict } of judged.judgement.candidates) {
      expect(audit).toBeNull();
      expect(verdict?.by ?? 'answers').not.toBe('audit');
    }
  });

  test('chooses an audit once, one image of each patient, and adds to it without changing it', async () => {
    const first = await app.chooseAudit(sample.project, { patients: 5 });
    expect(first.instanceIds).toHaveLength(5);
    const more = await app.chooseAudit(sample.project, { patients: 9, seed: 3 });
    expect(more.instanceIds.slice(0, 5)).toEqual(first.instanceIds);
    const project = openProjectForReading(sample.project);
    const patients = getInstances(project.db, more.instanceIds).map(({ patientKey }) => patientKey);
    project.close();
    expect(new Set(patients).size).toBe(9);
    expect(more.detectable).toBeNull();
  });

  test('writes what is to be labelled as a table that labelling reads', async () => {
    const audit = await app.chooseAudit(sample.project, { patients: 9 });
    const path = join(sample.folder, 'audit.csv');
    app.writeAuditList(sample.project, audit, path);
    const rows = readFileSync(path, 'utf8').trim().split('\r\n');
    expect(rows).toHaveLength(10);
    const [{ name }] = judgedClasses();
    writeFileSync(path, [rows[0], ...rows.slice(1).map((row) => row + name)].join('\n'));
    await app.labelImages(sample.project, path, 'hospital-b');
    expect((await app.chooseAudit(sample.project, { patients: 9 })).labelled).toBe(9);
  });

  const judgedClasses = (): { name: string }[] => judged.judgement.classes.map((name) => ({ name }));

  test('goes by the labels of the audit once they are there', async () => {
    const { judgement } = await app.judgeAdaptation(sample.project);
    const { audit, verdict } = judgement.candidates[1];
    expect(audit!.patients).toBe(9);
    expect(audit!.after - audit!.before).toBeCloseTo(audit!.difference, 10);
    expect(verdict!.reason).toContain('9 labelled patients');
  });

  test('keeps what a person decides, also when it is judged again', async () => {
    const chosen = adapted.runs[2].id;
    expect((await app.keepRun(sample.project, chosen)).kept).toMatchObject({ runId: chosen, by: 'person' });
    expect((await app.judgeAdaptation(sample.project)).kept).toMatchObject({ runId: chosen, by: 'person' });
    await expect(app.keepRun(sample.project, 999)).rejects.toMatchObject({ code: 'judgement-missing' });
  });

  test('stands in the report: domains, methods, figures, alarm, audit, and who chose what is kept', async () => {
    await app.evaluate(sample.project, { runId: adapted.runs[1].id, sets: ['validation'] });
    const { html, files } = await app.writeReport(sample.project, { runId: adapted.runs[1].id });
    const { adaptation } = reportSchema.parse(JSON.parse(readFileSync(files.json!.path, 'utf8')));
    const { judgement } = app.listJudgements(sample.project)[0];
    expect(adaptation!.domains.target).toEqual({ source: 'hospital-b' });
    expect(adaptation!.runs.map(({ method }) => method)).toEqual(['coral', 'adabn']);
    expect(adaptation!.runs[0].facts.target.patients).toBe(12);
    expect(adaptation!.judgement!.candidates.map(({ audit }) => audit)).toEqual(
      judgement.candidates.map(({ audit }) => audit),
    );
    expect(adaptation!.judgement!.kept).toMatchObject({ runId: adapted.runs[2].id, by: 'person' });
    expect(adaptation!.audit).toEqual({ patients: 9, labelled: 9 });
    // No image is named: the map of both domains stays in the project.
    expect(JSON.stringify(adaptation)).not.toContain('instanceId');
    expect(readFileSync(html, 'utf8')).toMatch(/<section\s+id="adaptation"/);
  }, 60_000);

  test('never takes an audit from patients of a locked set', async () => {
    const training = smallTraining(sample.model);
    const { runs } = await app.trainModel(sample.project, {
      ...training,
      settings: { ...training.settings, epochs: 1, headEpochs: 1 },
      approaches: ['fine-tuned'],
    });
    await app.adapt(sample.project, {
      runId: runs[0].id,
      domains: { target: { source: 'hospital-b' } },
      methods: ['adabn'],
    });
    await expect(app.chooseAudit(sample.project)).rejects.toMatchObject({ code: 'audit-no-patients' });
  });

  test('asks for adapted runs', async () => {
    await expect(app.judgeAdaptation(sample.project, { runId: 999 })).rejects.toMatchObject({
      code: 'adaptation-missing',
    });
  });
});

describe('the audit’s statistics', () => {
  test('are McNemar’s test and an interval of the difference', () => {
    const truth = Array.from({ length: 40 }, () => 0);
    const before = truth.map((_, at) => (at < 4 ? 1 : 0));
    const after = truth.map((_, at) => (at >= 4 && at < 18 ? 1 : 0));
    const found = auditResult(truth, before, after);
    // 14 patients that only the first got right, 4 that only the second: exact binomial by hand.
    expect([found.onlyBefore, found.onlyAfter]).toEqual([14, 4]);
    expect(found.difference).toBeCloseTo(-0.25, 10);
    expect(found.p).toBeCloseTo(0.0192, 3);
    expect(found.low).toBeLessThan(-0.25);
    expect(found.high).toBeLessThan(0);
  });

  test('ask for more patients the smaller the difference', () => {
    expect(auditSize(0.15)).toBe(85);
    expect(auditSize(0.1)).toBeGreaterThan(150);
  });
});
