import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeFrame, pixelHash, readHeaderSync, type InstanceHeader } from '../../src-main/dicom/index.ts';
import { writeSampleHospitals } from '../../src-main/samples/index.ts';

const folders = ['one', 'again'].map((name) => mkdtempSync(join(tmpdir(), `graft-samples-${name}-`)));
const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

let headers: { path: string; header: InstanceHeader }[] = [];
let refused: string[] = [];

beforeAll(async () => {
  for (const folder of folders) await writeSampleHospitals(folder, { patientsPerHospital: 6 });
  const outcomes = filesOf(folders[0]).map((path) => ({ path, outcome: readHeaderSync(path) }));
  headers = outcomes.flatMap(({ path, outcome }) =>
    outcome.kind === 'image' ? [{ path, header: outcome.header }] : [],
  );
  refused = outcomes.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.reason] : []));
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

describe('the sample hospitals', () => {
  it('are the same files, byte for byte, for the same seed', () => {
    const [one, again] = folders.map((folder) =>
      filesOf(folder).map((path) => [relative(folder, path), hash(path)]),
    );
    expect(again).toEqual(one);
  });

  it('are two sites of different scanners', () => {
    for (const keyword of ['Manufacturer', 'InstitutionName', 'Rows'] as const) {
      expect(new Set(headers.map(({ header }) => header[keyword])).size, keyword).toBeGreaterThanOrEqual(2);
    }
    expect(new Set(headers.map(({ header }) => header.PatientID)).size).toBeGreaterThanOrEqual(12);
  });

  it('come in several transfer syntaxes, each of which can be decoded', async () => {
    const bySyntax = new Map(headers.map(({ path, header }) => [header.transferSyntaxUID, path]));
    expect(bySyntax.size).toBeGreaterThanOrEqual(5);
    for (const path of bySyntax.values())
      expect((await decodeFrame(path)).data.length).toBeGreaterThan(10_000);
  });

  it('hold files that an import has to refuse, and a picture that occurs twice', async () => {
    // labels.csv is among the refused files, and not the only one.
    expect(refused.length).toBeGreaterThanOrEqual(3);
    const hashes = await Promise.all(headers.map(async ({ path }) => pixelHash(await decodeFrame(path))));
    expect(new Set(hashes).size).toBeLessThan(hashes.length);
  });

  it('are labelled by patient, three classes of a third each', () => {
    const [head, ...lines] = readFileSync(
      filesOf(folders[0]).find((path) => path.endsWith('labels.csv'))!,
      'utf8',
    )
      .trim()
      .split('\n');
    expect(head.split(',')).toEqual(expect.arrayContaining(['path', 'patient_id', 'label']));
    const labels = new Map<string, Set<string>>();
    const [patient, label] = ['patient_id', 'label'].map((name) => head.split(',').indexOf(name));
    for (const line of lines.map((text) => text.split(',')))
      labels.set(line[patient], (labels.get(line[patient]) ?? new Set()).add(line[label]));
    expect([...labels.values()].every((own) => own.size === 1)).toBe(true);
    const counts = new Map<string, number>();
    for (const own of labels.values()) for (const name of own) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(counts.size).toBe(3);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(2);
  });
});
