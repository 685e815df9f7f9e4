import { describe, expect, it } from 'vitest';
import {
  analyseFailures,
  coverMiddle,
  type Features,
  frozenFeatures,
  measureLeakage,
  measureQuality,
  perceptualHash,
  probeShortcuts,
} from '../../src-main/checks/index.ts';
import type { ShortcutReport } from '../../src-main/contract/checks.ts';
import { openExecutor } from '../../src-main/engine/index.ts';
import { SIDE } from '../training/helpers.ts';
import { draw, type Drawn } from './drawn.ts';

async function featuresOf(
  { model, samples, images }: Drawn,
  alter?: (image: Float32Array) => void,
): Promise<Features> {
  const executor = await openExecutor({ threads: 1 });
  try {
    return await frozenFeatures(model, samples, images, executor, alter ? { alter } : {});
  } finally {
    await executor.dispose();
  }
}

async function shortcutsOf(
  drawn: Drawn,
  attributes: Record<string, (patient: number) => string | null> = {},
): Promise<ShortcutReport> {
  return probeShortcuts({
    whole: await featuresOf(drawn),
    border: await featuresOf(drawn, (image) => coverMiddle(image, SIDE, SIDE, 1)),
    patients: drawn.patients,
    classes: drawn.model.classes,
    labels: drawn.labels,
    findings: null,
    attributes: Object.entries(attributes).map(([attribute, valueOf]) => ({
      attribute,
      values: drawn.patients.map((one) => valueOf(Number(one.slice(1)))),
    })),
    seed: 7,
  });
}

type Put = Parameters<Parameters<typeof draw>[2]>[0];
const square = (put: Put, top: number, left: number, side: number, value: number): void => {
  for (let row = top; row < top + side; row++)
    for (let column = left; column < left + side; column++) put(row, column, value);
};
/** What the disease looks like: a bright spot in the middle. */
const lesion = (put: Put, label: number): void => {
  if (label === 1) square(put, 6, 6, 4, 1);
};

describe('the shortcut probe', () => {
  it('raises an alarm where a marker in the corner goes with the class', async () => {
    const report = await shortcutsOf(
      draw(40, 1, (put, label) => {
        if (label === 1) square(put, 0, SIDE - 2, 2, 1);
      }),
    );
    expect(report.border[0]).toMatchObject({ finding: null, verdict: 'alarm' });
    expect(report.border[0].border.balancedAccuracy.value).toBeGreaterThan(0.85);
    expect(report.verdict).toBe('alarm');
    expect(report.sentence).toMatch(/Possible shortcut: the margin/);
  });

  it('raises none where the class is seen in the middle alone', async () => {
    const report = await shortcutsOf(draw(40, 1, lesion));
    expect(report.border[0].whole.balancedAccuracy.value).toBeGreaterThan(0.85);
    expect(report.border[0].verdict).toBe('clear');
    expect(report.verdict).toBe('clear');
    expect(report.sentence).toMatch(/No sign of a shortcut/);
  });

  it('tells a scanner that the label hangs on from one that it does not, and from one that cannot be seen', async () => {
    // Bright stripes at every fourth row: one scanner's. Half of either class was made with it.
    const scanner = (patient: number): string => (Math.floor(patient / 2) % 2 === 0 ? 'A' : 'B');
    const striped = (put: Put, patient: number): void => {
      if (scanner(patient) === 'A')
        for (let row = 0; row < SIDE; row += 4)
          for (let column = 0; column < SIDE; column++) put(row, column, 0.9);
    };
    const drawn = draw(40, 1, (put, label, patient) => {
      striped(put, patient);
      lesion(put, label);
    });
    const report = await shortcutsOf(drawn, {
      Manufacturer: scanner,
      PatientSex: (patient) => (Math.floor(patient / 4) % 2 === 0 ? 'F' : 'M'),
      // All of a class were sent by one site: the lesion tells the site.
      source: (patient) => (patient % 2 === 0 ? 'one' : 'other'),
      Modality: () => 'MR',
      KVP: () => null,
      StationName: (patient) => `station ${patient}`,
    });
    const of = (name: string) => report.attributes.find(({ attribute }) => attribute === name)!;
    expect(of('Manufacturer').balancedAccuracy.value).toBeGreaterThan(0.85);
    expect(of('Manufacturer').verdict).toBe('encoded');
    expect(of('PatientSex').verdict).toBe('clear');
    expect(of('source')).toMatchObject({ verdict: 'alarm' });
    expect(of('source').association.cramersV).toBeGreaterThan(0.9);
    expect(report.skipped.map(({ attribute }) => attribute)).toEqual(['Modality', 'KVP', 'StationName']);
    expect(report.sentence).toMatch(/the features tell source, and it goes with the label/);
  });

  it('refuses a handful of patients', async () => {
    await expect(shortcutsOf(draw(6, 2, lesion))).rejects.toMatchObject({ code: 'patients-too-few' });
  });
});

describe('the leakage meter', () => {
  const measured = async (drawn: Drawn) =>
    measureLeakage({
      ...drawn,
      features: await featuresOf(drawn),
      classes: 2,
      seed: 7,
      model: 'tiny',
      finding: null,
    });

  it('shows the inflation of a split by image where patients have many slices', async () => {
    // Nothing shows the class: only who it is can be recognised.
    const report = await measured(draw(24, 8, () => {}));
    const neighbour = report.rows.find(({ judge }) => judge === 'neighbour')!;
    expect(neighbour.inflation.value).toBeGreaterThan(0.15);
    expect(neighbour.inflation.low!).toBeGreaterThan(0);
    expect(report.inflated).toBe(true);
    expect(report.sentence).toMatch(/would look \d+\.\d points more accurate/);
  });

  it('shows none where every image shows what it is', async () => {
    const report = await measured(
      draw(24, 4, (put, label) => {
        lesion(put, label);
        if (label === 1) square(put, 2, 2, 12, 1);
      }),
    );
    expect(report.rows.every(({ inflation }) => Math.abs(inflation.value!) < 0.05)).toBe(true);
    expect(report.inflated).toBe(false);
  });

  it('says that nothing can leak where each patient has one image', async () => {
    await expect(measured(draw(20, 1, lesion))).rejects.toMatchObject({ code: 'images-of-one' });
  });
});

describe('the analysis of failures', () => {
  it('groups errors by what was said and by what the model sees, and finds poor images and copies', async () => {
    // The last three are nearly empty and one is a copy of the first.
    const drawn = draw(40, 1, (put, label, patient) => {
      if (patient >= 37) square(put, 0, 0, SIDE, 0.5);
      else lesion(put, label);
    });
    const read = (index: number): Float32Array => {
      const image = new Float32Array(SIDE * SIDE);
      drawn.images.read(index, image, 0);
      return image;
    };
    const features = await featuresOf(drawn);
    // A model that says "no" of every fourth image, and of the empty ones, whatever they are.
    const judged = drawn.samples.map(({ cacheIndex }) => {
      const wrong = cacheIndex >= 37 || cacheIndex % 4 === 1;
      const yes = wrong ? 1 - drawn.labels[cacheIndex] : drawn.labels[cacheIndex];
      const sure = 0.6 + cacheIndex / 200;
      return {
        instanceId: cacheIndex,
        frameIndex: 0,
        label: drawn.labels[cacheIndex],
        probabilities: yes ? [1 - sure, sure] : [sure, 1 - sure],
      };
    });
    const report = analyseFailures({
      setName: 'test',
      classes: drawn.model.classes,
      judged,
      features,
      quality: drawn.samples.map(({ cacheIndex }) => measureQuality(read(cacheIndex), SIDE, SIDE, 1)),
      lookalikes: [
        ...drawn.samples.map(({ cacheIndex }) => ({ at: cacheIndex, set: 'test' })),
        { at: 0, set: 'train' },
      ].map(({ at, set }) => ({
        instanceId: at + (set === 'train' ? 1000 : 0),
        frameIndex: 0,
        set,
        patientKey: set === 'train' ? 'other' : drawn.patients[at],
        label: drawn.model.classes[drawn.labels[at]],
        hash: perceptualHash(read(at), SIDE, SIDE, 1),
        pixels: String(read(at)),
      })),
      lookalikeFeatures: {
        size: features.size,
        values: Float32Array.from([...features.values, ...features.values.subarray(0, features.size)]),
      },
      seed: 1,
    });
    const wrong = judged.filter(
      ({ label, probabilities }) => probabilities.indexOf(Math.max(...probabilities)) !== label,
    );
    expect(report.wrong).toBe(wrong.length);
    const missed = report.byConfusion.find(({ title }) => title === 'yes → no')!;
    expect(missed).toMatchObject({ of: 20, wrong: wrong.filter(({ label }) => label === 1).length });
    expect(missed.images.map(({ confidence }) => confidence)).toEqual(
      missed.images.map(({ confidence }) => confidence).sort((a, b) => b - a),
    );
    expect(report.byFeatures.reduce((sum, one) => sum + one.wrong, 0)).toBe(wrong.length);
    expect(report.quality.find(({ problem }) => problem === 'constant')).toMatchObject({ of: 3, wrong: 3 });
    const copy = report.nearDuplicates.find(({ second }) => second.instanceId === 1000)!;
    expect(copy).toMatchObject({
      kind: 'pixels',
      samePatient: false,
      sameLabel: true,
      first: { instanceId: 0, set: 'test' },
    });
    expect(report.sentences[0]).toBe(`${wrong.length} of 40 images of test went wrong.`);
  });
});
