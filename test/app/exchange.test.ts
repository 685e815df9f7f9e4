import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { departures, type Departed } from '../../src-main/contract/calls/exchange.ts';
import type { CapsuleVerification } from '../../src-main/contract/capsule.ts';
import { ByteFile } from '../../src-main/models/weights/byte-file.ts';
import { readZip } from '../../src-main/models/weights/zip.ts';
import { sha256 } from '../../src-main/platform/files.ts';
import { writeZip } from '../../src-main/platform/zip-writer.ts';
import { openTfjs } from '../../src-main/engine/index.ts';
import {
  implicitLittleEndian,
  explicitLittleEndian,
  type InstanceHeader,
  readHeaderSync,
  readSourceInstance,
} from '../../src-main/dicom/index.ts';
import {
  getAttributes,
  getInstances,
  openProject,
  openProjectForReading,
} from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
import { testDesk } from '../desk/opened-desk.ts';
import { dciodvfyErrors, leftOut } from '../dicom/tools.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** A file of the test set with what the trained model said of it. */
interface Answer {
  path: string;
  native: boolean;
  probabilities: number[];
}

/** What leaves a project, each on one trained and evaluated model. */
describe('what leaves Graft', () => {
  const app = createApp();
  let sample: SampleProject;
  let answers: Answer[];

  beforeAll(async () => {
    sample = await sampleProject();
    await app.trainModel(sample.project, { ...smallTraining(sample.model), approaches: ['fine-tuned'] });
    await app.evaluate(sample.project, { sets: ['test', 'validation'] });
    const project = openProjectForReading(sample.project);
    const evaluation = listEvaluations(project.db, 1).find(({ setName }) => setName === 'test')!;
    answers = listPredictions(project.db, evaluation.id)
      .filter(({ excluded }) => excluded === null)
      .map(({ instanceId, probabilities }) => {
        const { TransferSyntaxUID } = getAttributes(project.db, instanceId!)!;
        return {
          path: getInstances(project.db, [instanceId!])[0].absolutePath,
          native: TransferSyntaxUID === explicitLittleEndian || TransferSyntaxUID === implicitLittleEndian,
          probabilities: [...probabilities],
        };
      });
    project.close();
  }, 240_000);
  afterAll(() => sample?.remove());

  const lastOf = (what: string): string =>
    app
      .readAudit(sample.project)
      .entries.find(({ kind, sentence }) => kind === 'export' && sentence.includes(what))!.sentence;

  describe('as DICOM', () => {
    test('says of each study of the test set what the model said, under the patient’s own name', async () => {
      const { folder, files, images, unwritten } = await app.exportDicom(sample.project);
      expect(images).toBe(answers.length);
      expect(unwritten).toEqual({});
      const ids = new Set(
        files.map((name) => readFileSync(join(folder, name))).map((bytes) => patientOf(bytes)),
      );
      expect(ids).toEqual(new Set(answers.map(({ path }) => readSourceInstance(path).subject.PatientID)));
      expect(lastOf('DICOM')).toMatch(/^Run 1 left as DICOM, \d+ files?, with who the patients are, SHA-256/);
    });

    test('is the same document when it is written again', async () => {
      const folder = join(sample.folder, 'again');
      const { files } = await app.exportDicom(sample.project, { folder });
      const before = join(sample.project, 'reports', 'dicom-1');
      for (const name of files)
        expect(readFileSync(join(folder, name)).equals(readFileSync(join(before, name)))).toBe(true);
    });

    test('names nobody where that is asked for, and no UID of the images', async () => {
      const folder = join(sample.folder, 'deidentified');
      const { files } = await app.exportDicom(sample.project, { folder, identified: false });
      const written = files.map((name) => readFileSync(join(folder, name)));
      const all = written.map((bytes) => bytes.toString('latin1')).join('');
      for (const { path } of answers) {
        const { subject, reference } = readSourceInstance(path);
        for (const text of [subject.PatientName, reference.SOPInstanceUID, reference.StudyInstanceUID])
          expect(all).not.toContain(text);
      }
      for (const bytes of written) expect(patientOf(bytes)).toMatch(/^GRAFT-[0-9A-F]{12}$/);
      expect(lastOf('DICOM')).toContain('without who the patients are');
    });

    test('is never written for another patient than the one whose image was imported', async () => {
      const [{ path }] = answers;
      const patient = patientOf(readFileSync(path));
      const other = answers.find((one) => patientOf(readFileSync(one.path)) !== patient)!;
      renameSync(path, `${path}.kept`);
      writeFileSync(path, readFileSync(other.path));
      try {
        const { unwritten, images } = await app.exportDicom(sample.project, {
          folder: join(sample.folder, 'other'),
        });
        expect(unwritten).toEqual({ 'another-patient': 1 });
        expect(images).toBe(answers.length - 1);
        rmSync(path);
        const gone = await app.exportDicom(sample.project, { folder: join(sample.folder, 'gone') });
        expect(gone.unwritten).toEqual({ missing: 1 });
      } finally {
        renameSync(`${path}.kept`, path);
      }
    });

    test('has a report as Encapsulated PDF beside it', async () => {
      const pdf = join(sample.folder, 'report.pdf');
      writeFileSync(pdf, '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
      const { files } = await app.exportDicom(sample.project, { folder: join(sample.folder, 'pdf'), pdf });
      expect(files.at(-1)).toBe('report.dcm');
      await expect(app.exportDicom(sample.project, { pdf: `${pdf}x` })).rejects.toMatchObject({
        code: 'not-a-pdf',
      });
    });

    test('shows on request what spoke for each answer, in a picture that refers to its image', async () => {
      const { files } = await app.exportDicom(sample.project, {
        folder: join(sample.folder, 'maps'),
        heatmaps: 'gradcam',
      });
      const maps = files.filter((name) => name.startsWith('map-'));
      expect(maps).toHaveLength(answers.length);
      const references = maps.map((name) =>
        readFileSync(join(sample.folder, 'maps', name)).toString('latin1'),
      );
      for (const { path } of answers) {
        const { reference } = readSourceInstance(path);
        expect(references.filter((text) => text.includes(reference.SOPInstanceUID))).toHaveLength(1);
      }
      expect(references[0]).toContain('Grad-CAM: what speaks for');
    });

    test('shows no text that is burned into an image where it is to name nobody, and says of text what the image says', async () => {
      const folder = join(sample.folder, 'burned-in');
      const saying = async (value: string | null, identified: boolean): Promise<unknown[]> => {
        const project = openProject(sample.project);
        project.db.prepare('UPDATE instances SET BurnedInAnnotation = ?').run(value);
        project.close();
        const how = { folder, identified, heatmaps: 'gradcam' } as const;
        const { files, withoutMap } = await app.exportDicom(sample.project, how);
        type Read = { header?: InstanceHeader };
        const read = (name: string): Read => readHeaderSync(join(folder, name)) as Read;
        const said = files.filter((name) => name.startsWith('map-')).map(read);
        return [withoutMap, new Set(said.map(({ header }) => header?.BurnedInAnnotation))];
      };
      expect(await saying('YES', true)).toEqual([0, new Set(['YES'])]);
      expect(await saying('YES', false)).toEqual([answers.length, new Set()]);
      expect(await saying(null, false)).toEqual([0, new Set([null])]);
    });

    test('is refused for a set that was not opened', async () => {
      const asked = app.exportDicom(sample.project, { setName: 'hospital-b' });
      await expect(asked).rejects.toMatchObject({ code: 'not-evaluated', kind: 'expected' });
    });

    test.skipIf(leftOut('documents of a project by dciodvfy', { dciodvfy: 'dicom3tools' }))(
      'is valid for dciodvfy',
      () => {
        for (const folder of ['pdf', 'deidentified', 'maps'].map((name) => join(sample.folder, name)))
          for (const name of readdirSync(folder)) expect(dciodvfyErrors(join(folder, name))).toEqual([]);
      },
    );
  });

  describe('as a model of TensorFlow.js', () => {
    test('says what the trainer says, read back from its files by the stock package', async () => {
      const exported = await app.exportModel(sample.project, { format: 'tfjs' });
      expect(exported.largestDifference).toBeLessThanOrEqual(1e-5);
      const folder = join(sample.project, 'models', 'run-1-tfjs');
      const json = readFileSync(join(folder, 'model.json'), 'utf8');
      const { weightsManifest, userDefinedMetadata } = JSON.parse(json) as {
        weightsManifest: { paths: string[] }[];
        userDefinedMetadata: Record<string, string>;
      };
      const shards = weightsManifest[0].paths.map((name) => ({
        name,
        bytes: readFileSync(join(folder, name)),
      }));
      const model = await openTfjs({ json, shards });
      const found = model.run(new Float32Array(2 * 32 * 32).fill(0.5), [2, 32, 32, 1], 'probabilities');
      expect([...found.slice(0, 3)]).toEqual([...found.slice(3)]);
      model.dispose();
      expect(JSON.parse(userDefinedMetadata.classes)).toHaveLength(3);
      expect(lastOf('TensorFlow.js')).toMatch(/^Run 1 left as a model of TensorFlow.js/);
    });
  });

  describe('as a folder for inference', () => {
    const folder = (): string => join(sample.project, 'models', 'run-1-inference');

    /** Runs an example on files; returns what it says of each, in class order. */
    function predictions(command: string, args: string[], paths: readonly string[]): number[][] {
      const { stdout, stderr, status } = spawnSync(command, [...args, ...paths], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const { classes } = JSON.parse(readFileSync(join(folder(), 'labels.json'), 'utf8')) as {
        classes: string[];
      };
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, number>)
        .map((one) => classes.map((name) => one[name]));
    }

    function expectEqual(found: readonly number[][], asked: readonly Answer[]): void {
      expect(found).toHaveLength(asked.length);
      const differences = found.flatMap((one, at) =>
        one.map((value, k) => Math.abs(value - asked[at].probabilities[k])),
      );
      expect(Math.max(...differences)).toBeLessThan(1e-5);
    }

    test('holds model, preprocessing, labels, and how to use them', async () => {
      await app.exportModel(sample.project, { format: 'folder' });
      expect(readdirSync(folder()).sort()).toEqual([
        'README.md',
        'graft-preprocess.mjs',
        'graft_preprocess.py',
        'labels.json',
        'model.onnx',
        'package.json',
        'predict.mjs',
        'predict.py',
        'preprocessing.json',
        'requirements.txt',
      ]);
      for (const example of ['predict.py', 'predict.mjs']) {
        const lines = readFileSync(join(folder(), example), 'utf8').split('\n');
        const code = lines.filter((line) => line !== '' && !/^(#|\/\/|import|from)/.test(line));
        expect(code.length).toBeLessThanOrEqual(10);
      }
    });

    test('says in JavaScript what Graft says, from the DICOM files themselves', () => {
      const native = answers.filter((one) => one.native);
      expect(native.length).toBeGreaterThan(2);
      symlinkSync(modules, join(folder(), 'node_modules'), 'junction');
      const paths = native.map(({ path }) => path);
      expectEqual(predictions(process.execPath, [join(folder(), 'predict.mjs')], paths), native);
    });

    test('says in Python what Graft says, from the DICOM files themselves', (context) => {
      const python = process.env.GRAFT_PYTHON ?? 'python3';
      const ready = spawnSync(python, ['-c', 'import onnxruntime, pydicom, numpy'], { encoding: 'utf8' });
      if (ready.status !== 0) {
        process.stderr.write(
          'The Python example was not run: no Python with onnxruntime, pydicom and numpy (name one with GRAFT_PYTHON).\n',
        );
        context.skip();
      }
      const native = answers.filter((one) => one.native);
      const paths = native.map(({ path }) => path);
      expectEqual(predictions(python, ['-B', join(folder(), 'predict.py')], paths), native);
    });
  });

  describe('as a study capsule', () => {
    const capsule = (): string => join(sample.folder, 'study.capsule');
    const agreements = ({ rows }: CapsuleVerification): Record<string, string> =>
      Object.fromEntries(rows.map(({ what, agrees }) => [what, agrees]));

    /** The capsule with some of its files changed, its checksums made to fit again. */
    async function forged(change: (name: string, text: string) => string): Promise<string> {
      const file = new ByteFile(capsule(), 'a capsule');
      const contents = [...(await readZip(file)).values()].map(({ name, size, read }) => {
        const bytes = read(0, size);
        return {
          name,
          bytes: name.endsWith('.json') ? Buffer.from(change(name, Buffer.from(bytes).toString())) : bytes,
        };
      });
      file.close();
      const sums = contents
        .filter(({ name }) => name !== 'checksums.json')
        .map(({ name, bytes }) => [name, sha256(bytes)]);
      const path = join(sample.folder, 'forged.capsule');
      await writeZip(path, [
        ...contents.filter(({ name }) => name !== 'checksums.json'),
        { name: 'checksums.json', bytes: Buffer.from(JSON.stringify(Object.fromEntries(sums))) },
      ]);
      return path;
    }

    test('holds plan, split, weights, answers and metrics, and names nobody', async () => {
      const { files, sha256: digest } = await app.writeCapsule(sample.project, { path: capsule() });
      expect(sha256(readFileSync(capsule()))).toBe(digest);
      const file = new ByteFile(capsule(), 'a capsule');
      const entries = [...(await readZip(file)).values()];
      expect(entries).toHaveLength(files);
      expect(entries.map(({ name }) => name).sort()).toEqual([
        'capsule.json',
        'checksums.json',
        'members.json',
        'models/1/model.json',
        'models/1/weights.safetensors',
        'plan.yaml',
        'predictions/run-1-set-1.json',
        'predictions/run-1-set-2.json',
      ]);
      const text = entries.filter(({ name }) => !name.endsWith('.safetensors'));
      const all = text.map(({ size, read }) => Buffer.from(read(0, size)).toString()).join('\n');
      file.close();
      for (const { path } of answers) {
        const { subject, reference } = readSourceInstance(path);
        for (const text of [subject.PatientName, reference.SOPInstanceUID])
          expect(all.includes(text)).toBe(false);
      }
      expect(/\b[AB]0\d\d\b/.test(all)).toBe(false);
      expect(all.includes(sample.folder)).toBe(false);
      const project = openProjectForReading(sample.project);
      const keys = project.db.prepare('SELECT key FROM patients').pluck().all() as string[];
      project.close();
      for (const key of keys) expect(all.includes(key)).toBe(false);
    });

    test('agrees bit by bit when it is run again, which counts as opening the test set', async () => {
      const openings = (): number =>
        app.readAudit(sample.project).entries.filter(({ kind }) => kind === 'opening').length;
      const before = openings();
      const found = await app.verifyCapsule(sample.project, capsule());
      expect(agreements(found)).toEqual({
        'Files in the capsule': 'exactly',
        'Versions and machine': 'exactly',
        'Split: the same images on the same sides': 'exactly',
        'Audit trail: the capsule’s end is in it': 'exactly',
        'Weights: the capsule’s are the project’s': 'exactly',
        'Answers of run 1 (fine-tuned) on test': 'exactly',
        'Answers of run 1 (fine-tuned) on validation': 'exactly',
        'Metrics of fine-tuned on test': 'exactly',
        'Metrics of fine-tuned on validation': 'exactly',
      });
      expect(found.agrees).toBe(true);
      expect(openings()).toBe(before + 1);
    });

    test('agrees bit by bit when everything is trained again', async () => {
      const { rows } = await app.verifyCapsule(sample.project, capsule(), { retrain: true });
      const trained = rows.filter(({ what }) => what.startsWith('Trained again'));
      expect(trained.map(({ what, agrees }) => `${agrees}: ${what}`)).toEqual([
        'exactly: Trained again: weights of fine-tuned',
        'exactly: Trained again: epochs of fine-tuned',
        'exactly: Trained again: answers of fine-tuned on test',
        'exactly: Trained again: answers of fine-tuned on validation',
      ]);
    });

    test('is caught where a byte of it was changed, and is not run then', async () => {
      const bytes = readFileSync(capsule());
      bytes[bytes.indexOf('weights.safetensors') + 4000] ^= 1;
      const path = join(sample.folder, 'changed.capsule');
      writeFileSync(path, bytes);
      const { rows, agrees } = await app.verifyCapsule(sample.project, path);
      expect(agrees).toBe(false);
      expect(rows.map(({ what }) => what)).toEqual(['Files in the capsule', 'Versions and machine']);
      expect(rows[0].detail).toMatch(/weights\.safetensors was changed/);
    });

    test('is caught where an answer was made better than the model gives it', async () => {
      const path = await forged((name, text) =>
        name === 'predictions/run-1-set-1.json' ? text.replace(/0\.\d+/, '0.99') : text,
      );
      const found = await app.verifyCapsule(sample.project, path);
      expect(found.agrees).toBe(false);
      expect(found.rows.filter(({ agrees }) => agrees === 'no').map(({ what }) => what)).toEqual([
        expect.stringMatching(/^Answers of run 1 \(fine-tuned\) on/),
      ]);
    });

    test('is caught where a metric was written higher, or another split', async () => {
      const metric = await forged((name, text) =>
        name === 'capsule.json' ? text.replace(/"accuracy": [\d.]+/, '"accuracy": 0.987') : text,
      );
      expect(
        (await app.verifyCapsule(sample.project, metric)).rows.filter(({ agrees }) => agrees === 'no'),
      ).toHaveLength(1);
      const split = await forged((name, text) =>
        name === 'capsule.json' ? text.replace(/"hash": "[0-9a-f]{4}/, '"hash": "0000') : text,
      );
      const before = app.readAudit(sample.project).total;
      const { rows } = await app.verifyCapsule(sample.project, split);
      expect(rows.find(({ what }) => what.startsWith('Split'))).toMatchObject({ agrees: 'no' });
      // What was dealt to compare is not kept: it would be the split of the next training.
      expect(app.readAudit(sample.project).total).toBe(before);
    });

    test('is refused in one sentence where it is none', async () => {
      const path = join(sample.folder, 'none.capsule');
      await writeZip(path, [{ name: 'a.txt', bytes: Buffer.from('a') }]);
      await expect(app.verifyCapsule(sample.project, path)).rejects.toMatchObject({ code: 'capsule-file' });
      writeFileSync(path, 'nothing');
      await expect(app.verifyCapsule(sample.project, path)).rejects.toMatchObject({ kind: 'expected' });
    });
  });

  test('leaves from the window too, as jobs that say what came of it and where it lies', async () => {
    const desk = testDesk();
    await desk.ask('projects.open', { folder: sample.project });
    // The one that was evaluated, and not the one that a capsule trained again.
    const { comparisonId } = (await desk.ask('reports.list', null)).at(-1)!;
    for (const departure of departures) {
      const { state, result } = await desk.ended(
        await desk.ask('exchange.export', { comparisonId, departure, identified: false }),
      );
      expect(state).toBe('done');
      expect(result).toMatchObject({ departure, comparisonId, sentence: expect.stringMatching(/\d/) });
      expect(existsSync((result as Departed).place)).toBe(true);
    }
    // What is offered to be saved as ONNX is ONNX.
    const { models } = (await desk.ask('reports.list', null)).at(-1)!;
    expect(models.length).toBeGreaterThan(0);
    expect(models.every(({ path }) => path.endsWith('.onnx'))).toBe(true);
    const { entries, total, verification } = await desk.ask('exchange.audit', { most: 3 });
    expect(entries).toHaveLength(3);
    expect(total).toBeGreaterThan(10);
    expect(verification.intact).toBe(true);
    expect(entries[0].sentence).toMatch(/^Comparison \d+ left as a study capsule, SHA-256/);
    await desk.desk.close();
  }, 60_000);

  test('stands in the trail, which is whole', () => {
    const { verification, entries } = app.readAudit(sample.project);
    expect(verification).toMatchObject({ intact: true, headKept: 'agrees' });
    expect(entries.filter(({ kind }) => kind === 'export').length).toBeGreaterThan(6);
  });
});

/** Patient ID of a DICOM file in memory, from its explicit element. */
function patientOf(bytes: Buffer): string {
  const at = bytes.indexOf(Buffer.from([0x10, 0x00, 0x20, 0x00, 0x4c, 0x4f]));
  return bytes.toString('latin1', at + 8, at + 8 + bytes.readUInt16LE(at + 6)).trim();
}
