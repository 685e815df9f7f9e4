import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import type { AuditVerification } from '../../src-main/contract/audit.ts';
import { importFolder } from '../../src-main/cohort/index.ts';
import {
  appendAudit,
  configurationFolder,
  deleteProjectKey,
  deleteSource,
  listAudit,
  listInstances,
  listLabelSets,
  listSources,
  migrate,
  migrations,
  openProject,
  removeLabels,
  saveLabels,
  saveSplit,
  transaction,
  verifyAudit,
  type Project,
  type WritableDatabase,
} from '../../src-main/store/index.ts';
import { splitOptions } from '../../src-main/contract/dataset.ts';
import { lastAuditEntry, readAuditHead } from '../../src-main/store/audit-head.ts';
import { beginAudit } from '../../src-main/store/audit.ts';
import { listClasses, mergeClasses } from '../../src-main/store/label-sets.ts';
import { recordOpening } from '../../src-main/store/openings.ts';
import { createComparison, finishRun, startRun } from '../../src-main/store/runs.ts';
import { trainingConfigSchema } from '../../src-main/contract/training.ts';
import { indexImages, useWorkplace, writeImage } from '../cohort/fixtures.ts';

const place = useWorkplace();
const kinds = (db: WritableDatabase): string[] =>
  listAudit(db)
    .map(({ kind }) => kind)
    .reverse();
const verify = ({ db, id }: Project): AuditVerification => verifyAudit(db, id);

/** Until the head outside is that of the trail: several acts in a moment share one saving. */
const headKept = ({ db, id }: Project): Promise<void> =>
  vi.waitFor(() => expect(readAuditHead(id)).toEqual(lastAuditEntry(db)));

/** A project with a few acts of every kind behind it, the import as it is or as it would be. */
async function worked(imported = false): Promise<Project> {
  const { project } = place;
  if (imported) {
    await writeImage(place.path('data', 'a.dcm'), { SOPInstanceUID: '2.25.1', PatientID: 'Meyer' });
    await writeImage(place.path('data', 'b.dcm'), { SOPInstanceUID: '2.25.2', PatientID: 'Huber' });
    await importFolder(project, place.path('data'), { workers: 1 });
  } else {
    indexImages(project, [
      { path: 'a.dcm', patient: 'Meyer' },
      { path: 'b.dcm', patient: 'Huber' },
    ]);
    appendAudit(project.db, 'import', { source: 1, files: 2 });
  }
  const classes = ['glioma', 'normal'];
  saveLabels(
    project.db,
    { name: 'labels', source: 'csv', by: 'reader' },
    listInstances(project.db).map(({ id: instanceId }, at) => ({
      instanceId,
      className: classes[at],
      role: null,
    })),
  );
  const [a, b] = listInstances(project.db);
  const [{ id: labelSetId }] = listLabelSets(project.db);
  const split = saveSplit(project.db, {
    labelSetId,
    classes: ['glioma', 'normal'],
    options: splitOptions.parse({}),
    hash: 'abc',
    members: [
      { instanceId: a.id, role: 'train', classIndex: 0 },
      { instanceId: b.id, role: 'test', classIndex: 1 },
    ],
    leftOut: [],
  });
  const { comparison, runs } = createComparison(project.db, split, [
    {
      approach: 'majority',
      config: trainingConfigSchema.parse({}),
      preprocessing: {} as never,
      environment: {} as never,
      startingWeights: null,
    },
  ]);
  startRun(project.db, runs[0].id);
  finishRun(project.db, runs[0].id, null);
  recordOpening(project.db, split, 'test', comparison.id);
  await headKept(project);
  return project;
}

/** Changes the trail behind the back of its triggers, as somebody with another program does. */
function tamper(project: Project, sql: string): void {
  const db = new Database(project.paths.database);
  db.exec('DROP TRIGGER audit_not_changed; DROP TRIGGER audit_not_removed;');
  db.exec(sql);
  db.close();
}

const sum = (project: Project): number => listAudit(project.db).length;

describe('the audit trail', () => {
  it('has an entry for every act, in order, and leads to the head that is kept beside the key', async () => {
    const project = await worked(true);
    expect(kinds(project.db)).toEqual([
      'begun',
      'import',
      'labels',
      'split',
      'runs-created',
      'run-started',
      'run-finished',
      'opening',
    ]);
    expect(verify(project)).toMatchObject({ entries: 8, broken: null, headKept: 'agrees', intact: true });
  });

  it('names no patient, no file and no folder', async () => {
    const project = await worked(true);
    const text = JSON.stringify(listAudit(project.db));
    for (const word of ['Meyer', 'Huber', 'a.dcm', 'glioma', place.folder]) expect(text).not.toContain(word);
  });

  it('is taken back with the act that it tells of', async () => {
    const project = await worked();
    const before = sum(project);
    expect(() =>
      transaction(project.db, () => {
        recordOpening(project.db, 1, 'test', 1);
        throw new Error('no');
      }),
    ).toThrow('no');
    await Promise.resolve();
    expect(sum(project)).toBe(before);
    expect(verify(project)).toMatchObject({ headKept: 'agrees', intact: true });
  });

  it('has every change of a label, whichever way it came about', async () => {
    const project = await worked();
    const [set] = listLabelSets(project.db);
    const [glioma, normal] = listClasses(project.db, set.id);
    const [a, b] = listInstances(project.db);
    const last = (): Record<string, unknown> => listAudit(project.db)[0].payload;
    saveLabels(project.db, { name: set.name, source: 'csv', by: 'reader' }, [
      { instanceId: a.id, className: 'normal', role: null },
    ]);
    expect(last()).toMatchObject({
      by: ['reader'],
      changes: 1,
      list: [[a.id, String(glioma.id), String(normal.id)]],
    });
    removeLabels(project.db, set.id, [b.id]);
    expect(last()).toMatchObject({ list: [[b.id, String(normal.id), null]] });
    mergeClasses(project.db, normal.id, glioma.id);
    expect(last()).toMatchObject({ list: [[a.id, String(normal.id), String(glioma.id)]] });
    // With the images of a source its labels go.
    deleteSource(project.db, listSources(project.db)[0].id);
    expect(listAudit(project.db).slice(0, 2)).toMatchObject([
      { kind: 'source-removed', payload: { labels: 1, splitMembers: 2 } },
      { kind: 'labels', payload: { list: [[a.id, String(glioma.id), null]] } },
    ]);
    expect(verify(project).intact).toBe(true);
  });

  it('enters a change of labels by a statement of nobody’s with the next act', async () => {
    const project = await worked();
    project.db.exec('DELETE FROM labels');
    project.close();
    const again = openProject(project.folder);
    expect(listAudit(again.db)[0]).toMatchObject({ kind: 'labels', payload: { changes: 2, by: [] } });
    again.close();
  });

  it('keeps of many changes their number and hash', async () => {
    const project = await worked();
    const insert = project.db.prepare(
      'INSERT INTO audit_label_changes (label_set_id, instance_id, before, after) VALUES (1, ?, NULL, ?)',
    );
    for (let image = 0; image < 60; image++) insert.run(image, '1');
    appendAudit(project.db, 'export', { what: 'x' });
    const { payload } = listAudit(project.db)[1];
    expect(payload).toMatchObject({ changes: 60 });
    expect(payload.list).toBeUndefined();
    expect(payload.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('cannot be changed by a statement that has nothing to hide', async () => {
    const { db } = await worked();
    expect(() => db.exec(`UPDATE audit SET at = 'now'`)).toThrow(/never changed/);
    expect(() => db.exec('DELETE FROM audit')).toThrow(/never removed/);
  });
});

describe('a check of the audit trail', () => {
  it.each([
    ['at', `at = replace(at, '2', '3')`],
    ['kind', `kind = 'export'`],
    ['payload', `payload = replace(payload, '"source":1', '"source":3')`],
    ['payload, so that it means the same', `payload = replace(payload, ':', ': ')`],
    ['previous', `previous = 'f' || substr(previous, 2)`],
    ['hash', `hash = 'f' || substr(hash, 2)`],
  ])('finds a changed byte in %s', async (_, change) => {
    const project = await worked();
    const stored = (): unknown => project.db.prepare('SELECT * FROM audit ORDER BY seq').raw().all();
    const before = stored();
    // The first digit of a hash may be the one that is put there: then another entry is taken.
    const seq = change.includes("'f'")
      ? (project.db
          .prepare(
            `SELECT seq FROM audit WHERE substr(hash, 1, 1) <> 'f' AND substr(previous, 1, 1) <> 'f' LIMIT 1`,
          )
          .pluck()
          .get() as number)
      : 2;
    tamper(project, `UPDATE audit SET ${change} WHERE seq = ${seq}`);
    expect(stored()).not.toEqual(before);
    const found = verify(project);
    expect(found).toMatchObject({ broken: { seq }, intact: false });
    expect(found.sentence).toMatch(`Entry ${seq} of 8 is broken`);
  });

  it('finds every single byte of an entry flipped', async () => {
    const project = await worked();
    tamper(project, '');
    const db = new Database(project.paths.database);
    const row = db.prepare('SELECT at, payload, previous, hash FROM audit WHERE seq = 4').get() as Record<
      string,
      string
    >;
    for (const [column, text] of Object.entries(row)) {
      const update = db.prepare(`UPDATE audit SET ${column} = ? WHERE seq = 4`);
      for (let at = 0; at < text.length; at++) {
        const flipped = Buffer.from(text);
        flipped[at] ^= 1;
        update.run(flipped.toString('latin1'));
        expect(verifyAudit(db as WritableDatabase, project.id).broken?.seq, `${column} ${at}`).toBe(4);
      }
      update.run(text);
    }
    expect(verifyAudit(db as WritableDatabase, project.id).intact).toBe(true);
    db.close();
  });

  it('finds an entry that is missing in the middle', async () => {
    const project = await worked();
    tamper(project, 'DELETE FROM audit WHERE seq = 3');
    expect(verify(project)).toMatchObject({
      broken: { seq: 3, what: 'it is missing; the next one is entry 4' },
    });
  });

  it('finds entries that changed places', async () => {
    const project = await worked();
    tamper(
      project,
      'UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = -1',
    );
    expect(verify(project)).toMatchObject({
      broken: { seq: 3, what: 'it does not follow the entry before it' },
    });
  });

  it('finds the end cut off by the head outside, also once the trail has gone on', async () => {
    const project = await worked();
    tamper(project, 'DELETE FROM audit WHERE seq = 8');
    expect(verify(project)).toMatchObject({ broken: null, headKept: 'differs', intact: false });
    appendAudit(project.db, 'export', { what: 'x' });
    appendAudit(project.db, 'export', { what: 'y' });
    await Promise.resolve();
    project.close();
    const again = openProject(project.folder);
    expect(verify(again)).toMatchObject({ headKept: 'differs', intact: false });
    expect(verify(again).sentence).toMatch('The trail was cut or written anew: entry 8');
    again.close();
  });

  it('finds an opening that is no longer counted, and one that was never entered', async () => {
    const project = await worked();
    project.db.exec('DELETE FROM openings');
    expect(verify(project)).toMatchObject({ intact: false, broken: null });
    expect(verify(project).sentence).toMatch('Opening 1 of a held-out set stands in the trail');
    project.db.exec(`INSERT INTO openings (id, split_id, set_name, opened_at) VALUES (7, 1, 'test', 'now')`);
    expect(verify(project).disagreements).toHaveLength(2);
  });

  it('says what it cannot tell where no head is kept, as on another machine', async () => {
    const project = await worked();
    rmSync(join(configurationFolder(), 'keys', `${project.id}.audit.json`));
    expect(verify(project)).toMatchObject({ headKept: 'missing', intact: true });
    expect(verify(project).sentence).toMatch('cannot be told');
  });
});

describe('the head of the trail', () => {
  it('goes with the project’s key', async () => {
    const project = await worked();
    const path = join(configurationFolder(), 'keys', `${project.id}.audit.json`);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ seq: 8, hash: listAudit(project.db)[0].hash });
    project.close();
    deleteProjectKey(project.folder);
    expect(existsSync(path)).toBe(false);
  });
});

describe('a project from before the trail', () => {
  it('keeps what it holds, and its trail begins with how much that was', () => {
    const db = new Database(':memory:');
    const { version } = migrations.find(({ name }) => name === 'audit')!;
    migrate(db, migrations, version - 1);
    db.exec(`
      INSERT INTO label_sets (id, name, source, created_at, updated_at) VALUES (1, 'labels', 'csv', 'now', 'now');
      INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at) VALUES (1, 1, '["a"]', 0, '{}', 'hash', 'now');
      INSERT INTO openings (id, split_id, set_name, opened_at) VALUES (4, 1, 'test', 'now');
    `);
    migrate(db, migrations);
    expect(db.prepare('SELECT count(*) FROM openings').pluck().get()).toBe(1);
    expect(db.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(0);
    beginAudit(db as WritableDatabase);
    expect(listAudit(db as WritableDatabase)).toMatchObject([
      { seq: 1, kind: 'begun', payload: { openings: 1, lastOpening: 4 } },
    ]);
    expect(verifyAudit(db as WritableDatabase, 'nobody')).toMatchObject({ disagreements: [], intact: true });
  });
});
