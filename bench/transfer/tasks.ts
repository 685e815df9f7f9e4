import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chooseSplit } from '../../src-main/app/choose-split.ts';
import { importFolder } from '../../src-main/app/import-folder.ts';
import { withSession } from '../../src-main/app/session.ts';
import { prepareDataset } from '../../src-main/cohort/index.ts';
import type { Sample } from '../../src-main/contract/dataset.ts';
import { openImageSource } from '../../src-main/jobs/image-source.ts';
import { findings } from '../../src-main/samples/index.ts';
import { samplePatients } from '../../src-main/samples/sample-patients.ts';
import { scanners } from '../../src-main/samples/scanners.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import type { ImageSource } from '../../src-main/training/index.ts';
import { cellClasses, drawCells } from './cells.ts';
import { lungPicture } from './lung-picture.ts';

/** Images of one seed, in three parts that share no patient. */
export interface LabelledImages {
  classes: readonly string[];
  images: ImageSource;
  train: Sample[];
  validation: Sample[];
  test: Sample[];
}

/** Images of each class: to learn from (`Infinity`: all there are), and to choose the epoch by. */
export interface Wanted {
  labels: number;
  validation: number;
  size: number;
}

export type TransferTask = (wanted: Wanted, seed: number) => LabelledImages;

const TEST = 80;
/** What "all" means where more could be drawn for ever. */
const ALL_DRAWN = 400;

/** `lungs` and `cells` are drawn; anything else is a folder of DICOM with a labels.csv. */
export async function openTask(name: string, size: number): Promise<TransferTask> {
  if (name === 'lungs') return (wanted, seed) => drawn(findings, wanted, seed, lungs(wanted, seed));
  if (name === 'cells')
    return (wanted, seed) =>
      drawn(cellClasses, wanted, seed, (label, index) => drawCells(seed, index, label, wanted.size));
  return folderTask(name, size);
}

type Draw = (label: number, index: number) => Float32Array;

/** One image of each patient, as many of each class. */
function drawn(classes: readonly string[], wanted: Wanted, seed: number, draw: Draw): LabelledImages {
  const labels = Math.min(wanted.labels, ALL_DRAWN);
  const each = labels + wanted.validation + TEST;
  const pictures = classes.flatMap((_, label) => Array.from({ length: each }, (_, at) => draw(label, at)));
  const part = (from: number, count: number): Sample[] =>
    classes.flatMap((_, label) =>
      Array.from({ length: count }, (_, at) => sampleOf(label * each + from + at, label)),
    );
  const { size } = wanted;
  return {
    classes,
    images: {
      height: size,
      width: size,
      channels: 1,
      checksum: `${classes.join()} ${seed} ${size} ${each}`,
      read: (index, into, offset) => into.set(pictures[index], offset),
    },
    train: part(0, labels),
    validation: part(labels, wanted.validation),
    test: part(labels + wanted.validation, TEST),
  };
}

const sampleOf = (index: number, label: number): Sample => ({
  cacheIndex: index,
  label,
  patientKey: String(index),
  instanceId: index,
  frameIndex: 0,
});

/** Nodules in CT slices of drawn lungs: none, smooth or spiculated. */
function lungs({ labels, validation, size }: Wanted, seed: number): Draw {
  const each = Math.min(labels, ALL_DRAWN) + validation + TEST;
  const patients = findings.map((finding) =>
    samplePatients(100 + seed, scanners[0], each * findings.length * 2)
      .filter((patient) => patient.finding === finding && !patient.inverted)
      .slice(0, each),
  );
  return (label, index) => lungPicture(100 + seed, patients[label][index], size);
}

/**
 * A folder's images, exact copies of one another left out, dealt anew for each seed: whole patients, a third of each class to be judged, the
 * others to learn from.
 */
async function folderTask(folder: string, size: number): Promise<TransferTask> {
  const work = mkdtempSync(join(tmpdir(), 'graft-transfer-project-'));
  process.env['GRAFT_HOME'] ??= join(work, 'home');
  return withSession(join(work, 'project'), { create: true }, async (session) => {
    const data = resolve(folder);
    await importFolder(session, data, { labels: join(data, 'labels.csv') });
    const split = chooseSplit(session, { options: { predefined: true } });
    const dataset = await prepareDataset(session.project, split.id, {
      height: size,
      width: size,
      channels: 1,
    });
    const images = openImageSource(dataset);
    // In the order of the files: keys of patients are another project's another time, and would deal other patients for the same seed.
    const samples = [...dataset.train, ...dataset.validation, ...dataset.test].sort(
      (a, b) => a.instanceId - b.instanceId,
    );
    const patients = [...new Set(samples.map(({ patientKey }) => patientKey))];
    return ({ labels, validation }, seed) => {
      const order = new RandomStream(seed, 'patients').shuffle(patients);
      const place = new Map(order.map((patient, at) => [patient, at]));
      const parts: Pick<LabelledImages, 'train' | 'validation' | 'test'> = {
        train: [],
        validation: [],
        test: [],
      };
      dataset.classes.forEach((_, label) => {
        const own = samples
          .filter((sample) => sample.label === label)
          .sort((a, b) => place.get(a.patientKey)! - place.get(b.patientKey)!);
        const third = Math.floor(own.length / 3);
        parts.test.push(...own.slice(0, third));
        parts.validation.push(...own.slice(third, third + validation));
        parts.train.push(...own.slice(third + validation, third + validation + labels));
      });
      const judged = new Set(parts.test.map(({ patientKey }) => patientKey));
      const apart = (list: Sample[]): Sample[] => list.filter(({ patientKey }) => !judged.has(patientKey));
      return {
        classes: dataset.classes,
        images,
        test: parts.test,
        validation: apart(parts.validation),
        train: apart(parts.train),
      };
    };
  });
}
