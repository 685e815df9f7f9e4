import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { openTfjs } from '../../src-main/engine/index.ts';
import {
  implicitLittleEndian,
  explicitLittleEndian,
  readSourceInstance,
} from '../../src-main/dicom/index.ts';
import { getAttributes, getInstances, openProjectForReading } from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
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
      const all = files.map((name) => readFileSync(join(folder, name)).toString('latin1')).join('');
      for (const { path } of answers) {
        const { subject, reference } = readSourceInstance(path);
        for (const text of [
          subject.PatientID,
          subject.PatientName,
          reference.SOPInstanceUID,
          reference.StudyInstanceUID,
        ])
          expect(all).not.toContain(text);
      }
      expect(all).toContain('GRAFT-');
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

    test('is refused for a set that was not opened', async () => {
      const asked = app.exportDicom(sample.project, { setName: 'hospital-b' });
      await expect(asked).rejects.toMatchObject({ code: 'not-evaluated', kind: 'expected' });
    });

    test.skipIf(leftOut('documents of a project by dciodvfy', { dciodvfy: 'dicom3tools' }))(
      'is valid for dciodvfy',
      () => {
        for (const folder of ['pdf', 'deidentified'].map((name) => join(sample.folder, name)))
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

  test('stands in the trail, which is whole', () => {
    const { verification, entries } = app.readAudit(sample.project);
    expect(verification).toMatchObject({ intact: true, headKept: 'agrees' });
    expect(entries.filter(({ kind }) => kind === 'export').length).toBeGreaterThan(6);
    expect(entries.filter(({ kind }) => kind === 'opening')).toHaveLength(1);
  });
});

/** Patient ID of a DICOM file in memory, from its explicit element. */
function patientOf(bytes: Buffer): string {
  const at = bytes.indexOf(Buffer.from([0x10, 0x00, 0x20, 0x00, 0x4c, 0x4f]));
  return bytes.toString('latin1', at + 8, at + 8 + bytes.readUInt16LE(at + 6)).trim();
}
