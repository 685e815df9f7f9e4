import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createSplit,
  importFolder,
  loadDataset,
  prepareDataset,
  TensorCacheReader,
} from '../../src-main/cohort/index.ts';
import { findDuplicates, type HashedSample } from '../../src-main/cohort/duplicates.ts';
import type { Dataset, PreprocessingInput } from '../../src-main/contract/dataset.ts';
import {
  explicitBigEndian,
  jpeg2000Lossless,
  jpegLossless,
  rleLossless,
} from '../../src-main/dicom/index.ts';
import { picture, useWorkplace, writeImage } from './fixtures.ts';

const place = useWorkplace();
const workers = 1;
const spec: PreprocessingInput = { height: 8, width: 8, channels: 1 };
const fractions = { train: 0.5, validation: 0, test: 0.5 };

interface Planned {
  name: string;
  label: string;
  split: string;
  seed: number;
  syntax?: string;
}

/** Longer names come later in canonical order. */
function uidOf(name: string): string {
  return `2.25.${String(Buffer.from(name).readUIntBE(0, name.length)).padStart(15, '1')}`;
}

/** Images, each of a patient of its own, with their label file. */
async function importCohort(images: readonly Planned[], folder = 'data'): Promise<void> {
  for (const { name, seed, syntax } of images) {
    const elements = {
      SOPInstanceUID: uidOf(name),
      PatientID: name,
    };
    await writeImage(
      place.path(folder, name),
      { ...elements, InstitutionName: folder },
      picture(seed),
      syntax,
    );
  }
  const rows = images.map(({ name, label, split }) => `${name},${label},${split}`);
  writeFileSync(place.path(folder, 'labels.csv'), `path,label,split\n${rows.join('\n')}\n`);
  await importFolder(place.project, place.path(folder), {
    workers,
    labels: place.path(folder, 'labels.csv'),
  });
}

const cohort: Planned[] = [
  { name: 'a', label: 'x', split: 'train', seed: 1 },
  { name: 'b', label: 'y', split: 'train', seed: 2 },
  { name: 'c', label: 'x', split: 'train', seed: 3 },
  { name: 'd', label: 'x', split: 'test', seed: 4 },
  { name: 'e', label: 'y', split: 'test', seed: 5 },
];

async function prepare(options = {}): Promise<Dataset> {
  const split = createSplit(place.project, { predefined: true, fractions });
  return prepareDataset(place.project, split.id, spec, { workers, ...options });
}

describe('a dataset', () => {
  it('hands over samples, classes and where their tensors are', async () => {
    await importCohort(cohort);
    const dataset = await prepare({ groupBy: 'InstitutionName' });
    expect(dataset).toMatchObject({
      classes: ['x', 'y'],
      height: 8,
      width: 8,
      channels: 1,
      excluded: [],
      failed: [],
      warnings: [],
      evaluationSets: {},
    });
    expect([dataset.train.length, dataset.validation.length, dataset.test.length]).toEqual([3, 0, 2]);
    expect(dataset.train[0]).toEqual({
      cacheIndex: expect.any(Number),
      label: 0,
      patientKey: place.project.hashPatientId('a'),
      instanceId: expect.any(Number),
      frameIndex: 0,
      sopInstanceUID: uidOf('a'),
      group: 'data',
    });
    expect(structuredClone(dataset)).toEqual(dataset);
    const reader = TensorCacheReader.open(dataset.cachePath);
    const out = new Float32Array(5 * reader.sampleLength);
    const samples = [...dataset.train, ...dataset.test];
    reader.read(
      samples.map(({ cacheIndex }) => cacheIndex),
      out,
    );
    reader.close();
    expect(out.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(loadDataset(place.project, dataset.splitId, spec, { groupBy: 'InstitutionName' })).toEqual(
      dataset,
    );
  });

  it('keeps test images out that are training images in another encoding under another patient ID', async () => {
    const syntaxes = [rleLossless, jpegLossless, jpeg2000Lossless, explicitBigEndian];
    const copies = syntaxes.map((syntax, at): Planned => ({
      name: `copy${at}`,
      label: 'y',
      split: 'test',
      seed: 2,
      syntax,
    }));
    await importCohort([...cohort, ...copies]);
    const dataset = await prepare();
    expect(dataset.test).toHaveLength(2);
    const original = dataset.train.find(({ patientKey }) => patientKey === place.project.hashPatientId('b'));
    expect(dataset.excluded).toHaveLength(4);
    for (const one of dataset.excluded) {
      expect(one).toMatchObject({
        role: 'test',
        reason: 'duplicate-of-training',
        duplicateOf: original?.instanceId,
        sample: { label: 1, cacheIndex: expect.any(Number) },
      });
    }
    expect(dataset.warnings.map(({ message }) => message)).toEqual([
      '4 test images have exactly the pixels of a training image (4 under another patient ID); they are kept out of the evaluation by default.',
    ]);
    const kept = loadDataset(place.project, dataset.splitId, spec, { duplicates: 'keep' });
    expect([kept.test.length, kept.excluded.length, kept.warnings.length]).toEqual([6, 0, 1]);
  });

  it('uses a training image once, and warns when the same pixels have two labels', async () => {
    await importCohort([...cohort, { name: 'copy', label: 'x', split: 'train', seed: 2 }]);
    const dataset = await prepare();
    expect(dataset.train).toHaveLength(3);
    expect(dataset.excluded).toMatchObject([{ role: 'train', reason: 'duplicate-in-training' }]);
    expect(dataset.warnings.map(({ kind, count }) => [kind, count])).toEqual([
      ['duplicates', 1],
      ['conflicting-labels', 1],
    ]);
  });

  it('leaves out what cannot be decoded, and says so', async () => {
    await importCohort(cohort);
    truncateSync(place.path('data', 'c'), 700);
    const split = createSplit(place.project, { predefined: true, fractions });
    const dataset = await prepareDataset(place.project, split.id, spec, { workers });
    expect(dataset.train).toHaveLength(2);
    expect(dataset.failed).toMatchObject([{ code: 'truncated' }]);
    expect(dataset.warnings).toMatchObject([{ kind: 'not-decodable', count: 1 }]);
  });

  it('has further sets to evaluate on, duplicates of training kept out of them as well', async () => {
    await importCohort(cohort);
    await importCohort(
      [
        { name: 'p', label: 'x', split: '', seed: 11 },
        { name: 'q', label: 'y', split: '', seed: 12 },
        { name: 'r', label: 'x', split: '', seed: 3 },
      ],
      'second',
    );
    const split = createSplit(place.project, {
      predefined: true,
      fractions,
      evaluationSets: { 'second hospital': { source: 'second' } },
    });
    const dataset = await prepareDataset(place.project, split.id, spec, { workers });
    expect(dataset.evaluationSets['second hospital'].map(({ group }) => group)).toEqual(['second', 'second']);
    expect(dataset.excluded).toMatchObject([{ role: 'second hospital', reason: 'duplicate-of-training' }]);
  });

  it('is refused when it is not prepared, when there is no split, and when images of it are gone', async () => {
    await importCohort(cohort);
    const split = createSplit(place.project, { predefined: true, fractions });
    const code = (code: string): unknown => expect.objectContaining({ code });
    expect(() => loadDataset(place.project, split.id, spec)).toThrow(code('dataset-not-prepared'));
    expect(() => loadDataset(place.project, 99, spec)).toThrow(code('split-missing'));
    rmSync(place.path('data', 'a'));
    await importFolder(place.project, place.path('data'), { workers });
    expect(() => loadDataset(place.project, split.id, spec)).toThrow(code('split-changed'));
  });
});

describe('duplicates', () => {
  const sample = (id: number, role: string, hash: string, label = 0): HashedSample => ({
    sample: { cacheIndex: id, label, patientKey: `patient ${id}`, instanceId: id, frameIndex: 0 },
    role,
    hash,
  });
  const found = (samples: HashedSample[]): string[] =>
    findDuplicates(samples, ['x', 'y']).excluded.map(
      ({ sample, role, reason, duplicateOf }) => `${sample.instanceId} ${role} ${reason} ${duplicateOf}`,
    );

  it('are looked for against training first, then against validation', () => {
    expect(
      found([
        sample(1, 'test', 'A'),
        sample(2, 'validation', 'A'),
        sample(3, 'train', 'A'),
        sample(4, 'train', 'A'),
        sample(5, 'validation', 'B'),
        sample(6, 'test', 'B'),
        sample(7, 'elsewhere', 'B'),
      ]),
    ).toEqual([
      '1 test duplicate-of-training 3',
      '2 validation duplicate-of-training 3',
      '4 train duplicate-in-training 3',
      '6 test duplicate-of-validation 5',
      '7 elsewhere duplicate-of-validation 5',
    ]);
  });

  it('within a test set stay: nothing was learned from them', () => {
    expect(found([sample(1, 'test', 'A'), sample(2, 'test', 'A'), sample(3, 'train', 'B')])).toEqual([]);
  });
});
