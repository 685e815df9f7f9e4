import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { ByteFile } from '../../src-main/models/weights/byte-file.ts';
import { readZip } from '../../src-main/models/weights/zip.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { readPdf } from '../reports/pdf-text.ts';
import {
  HOSTILE_CLASSES,
  HOSTILE_MANUFACTURERS,
  type HostileArchive,
  writeHostileArchive,
} from './hostile-patients.ts';
import { saveSmallModel } from './small-model.script.ts';

/** Where words of the archive stand, dates however they are written, and UIDs; digits beside them make another number of them. */
const MARKS =
  /qz[a-z]+\d*(?:wren|finch)|(?<![\d.])(?:\d{8}|\d{4}-\d\d-\d\d|\d\d[./]\d\d[./]\d{4}|2\.25\.\d+)(?![\d.])/g;

/** What a word in another script looks like in a file: in two encodings, and escaped for addresses, JSON, HTML, and a PDF without a font for it. */
function writings(needle: string): string[] {
  const units = [...Array(needle.length).keys()].map((at) =>
    needle.charCodeAt(at).toString(16).padStart(4, '0'),
  );
  const bytes = [
    Buffer.from(needle),
    Buffer.from(needle, 'utf16le'),
    Buffer.from(needle, 'utf16le').swap16(),
  ];
  return [
    ...bytes.map((encoded) => encoded.toString('latin1')),
    encodeURIComponent(needle),
    units.map((unit) => `\\u${unit}`).join(''),
    [...needle].map((letter) => `&#${letter.codePointAt(0)};`).join(''),
    units.map((unit) => `[u+${unit}]`).join(''),
  ].map((text) => text.toLowerCase());
}

/** Which of the needles a text holds; without the zeros between them, wide letters are as narrow ones. */
function held(text: string, needles: readonly string[]): string[] {
  const marks = new Set([text, text.replaceAll('\0', '')].flatMap((one) => one.match(MARKS) ?? []));
  return needles.filter((needle) =>
    /^[ -~]+$/.test(needle) ? marks.has(needle) : writings(needle).some((one) => text.includes(one)),
  );
}

describe('of patients who say all that can be said, in values made to do harm', () => {
  const app = createApp();
  let root: string;
  let project: string;
  let archive: HostileArchive;
  /** What is written, by its path in the project: PDF and archives also unpacked. In Latin 1, small letters. */
  const texts = new Map<string, string>();

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'graft-hostile-'));
    process.env.GRAFT_HOME = join(root, 'home');
    project = join(root, 'project');
    saveSmallModel(join(root, 'model'));
    archive = await writeHostileArchive(join(root, 'data'));
    await app.importFolder(project, archive.folder);
    await app.labelImages(project, archive.labels);
    await app.trainModel(project, {
      split: { options: {} },
      settings: { initial: join(root, 'model'), epochs: 1, headEpochs: 1, threads: 1 },
      preprocessing: { height: 32, width: 32 },
      approaches: ['majority', 'probe', 'fine-tuned'],
    });
    await app.evaluate(project, {});
    for (const kind of ['shortcuts', 'failures'] as const) await app.checkRun(project, kind);
    await app.explain(project, { images: ['1', '2'], check: false });
    await app.exportModel(project);
    await app.exportModel(project, { format: 'folder' });
    await app.exportDicom(project, { identified: false, heatmaps: 'gradcam' });
    await app.writeCapsule(project);
    await app.writeReport(project);
    await read(project);
  }, 120_000);
  afterAll(() => {
    delete process.env.GRAFT_HOME;
    rmSync(root, { recursive: true, force: true });
  });

  async function read(folder: string): Promise<void> {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = relative(project, path).split(sep).join('/');
      const keep = (part: string, bytes: Uint8Array | string): void =>
        void texts.set(`${name}${part}`, `${name}\n${Buffer.from(bytes).toString('latin1')}`.toLowerCase());
      const bytes = readFileSync(path);
      keep('', bytes);
      if (name.endsWith('.pdf')) {
        const { pages, rest } = readPdf(bytes);
        keep(' (text)', [...pages, rest].join('\n'));
      }
      if (name.endsWith('.capsule')) {
        const file = new ByteFile(path, 'a capsule');
        for (const { name: inner, size, read: bytesOf } of (await readZip(file)).values())
          keep(` (${inner})`, bytesOf(0, size));
        file.close();
      }
    }
  }

  /** Each once, with the file that holds it. */
  const leaks = (needles: readonly string[], where: (name: string) => boolean): string[] =>
    [...texts].flatMap(([name, text]) =>
      where(name) ? held(text, needles).map((needle) => `${needle} in ${name}`) : [],
    );
  const isDatabase = (name: string): boolean => name.startsWith('graft.sqlite');
  const isPixels = (name: string): boolean => name.startsWith('cache/');

  test('the search finds what is there', () => {
    const imported = openProjectForReading(project);
    const [{ images, patients }] = imported.db
      .prepare('SELECT count(*) AS images, count(DISTINCT patient_id) AS patients FROM instances')
      .all() as { images: number; patients: number }[];
    imported.close();
    expect([images, patients]).toEqual([40, 20]);
    const [file] = readdirSync(archive.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith(' 0.dcm'),
    );
    const text = readFileSync(join(archive.folder, file)).toString('latin1').toLowerCase();
    const patient = Number(/qzfolder(\d+)finch/.exec(file)![1]);
    const found = archive.canaries.filter(({ needles }) => held(text, needles).length > 0);
    expect(new Set(found.map(({ element }) => element))).toEqual(
      new Set(archive.canaries.map(({ element }) => element)),
    );
    expect(found.some(({ needles }) => needles.includes(`qzname${patient}wren`))).toBe(true);
    // What a project keeps of folders and scanners is found in it.
    const kept = leaks(['qzfolder0finch', 'qzstationname0wren'], isDatabase);
    expect(kept.length).toBeGreaterThanOrEqual(2);
    for (const ending of [
      '.html',
      '.pdf (text)',
      '.json',
      '.csv',
      '.md',
      '.onnx',
      '.dcm',
      '.png',
      'plan.yaml)',
    ])
      expect([...texts.keys()].some((name) => name.endsWith(ending))).toBe(true);
  });

  test('no report, model, map, document or capsule holds a word, nor any other file of the project', () => {
    const needles = [...new Set(archive.canaries.flatMap(({ needles: own }) => own)), ...archive.paths];
    // Values of maps go with the image that somebody asked for, by its UID.
    const asked = leaks(
      needles.filter((needle) => needle.startsWith('2.25.')),
      (name) => name.endsWith('/gradcam.json'),
    );
    expect(asked.length).toBeLessThanOrEqual(2);
    const written = (name: string): boolean => !isDatabase(name) && !isPixels(name);
    expect(leaks(needles, written).filter((one) => !asked.includes(one))).toEqual([]);
  });

  test('nothing that leaves names a folder of this machine', () => {
    const leaving = [...texts].filter(([name]) => /^(reports|models)\//.test(name));
    expect(leaving.length).toBeGreaterThan(30);
    expect(leaving.filter(([, text]) => text.includes(root.toLowerCase())).map(([name]) => name)).toEqual([]);
  });

  test('nor does its database, or what it keeps of pixels, but for how images were made', () => {
    const personal = archive.canaries.filter(({ kept }) => !kept).flatMap(({ needles }) => needles);
    // Folders and files are named in other scripts as well, and their names are kept.
    const asked = personal.filter((needle) => /^[ -~]+$/.test(needle));
    expect(leaks(asked, (name) => isDatabase(name) || isPixels(name))).toEqual([]);
  });

  test('classes and scanners are shown as words: no markup, no formula', () => {
    const page = [...texts].find(([name]) => name.endsWith('.html'))![1];
    for (const text of [...HOSTILE_CLASSES, ...HOSTILE_MANUFACTURERS].filter((one) => one.includes('<'))) {
      expect(page).not.toContain(text);
      expect(page).toContain(text.replace(/</g, '&lt;').replace(/>/g, '&gt;'));
    }
    expect(page).not.toMatch(/<script|<img src=x/);
    const tables = [...texts].filter(([name]) => name.endsWith('.csv'));
    expect(tables.some(([, text]) => text.includes("'=sum("))).toBe(true);
    for (const [, text] of tables) expect(text).not.toMatch(/(^|,|\n)"?[=@]/);
  });
});
