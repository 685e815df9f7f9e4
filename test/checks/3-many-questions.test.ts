import { describe, expect, it } from 'vitest';
import { withoutSites } from '../../src-main/app/checks/without-sites.ts';
import {
  analyseFailures,
  type Features,
  measureLeakage,
  probeShortcuts,
  type ShortcutQuestion,
} from '../../src-main/checks/index.ts';
import { failureSentences } from '../../src-main/checks/failure-sentences.ts';
import type { Finding } from '../../src-main/contract/dataset.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const PATIENTS = 32;
const rows = Array.from({ length: PATIENTS }, (_, at) => at);
const scanner = (row: number): number => row % 2;

/** Eight numbers of noise for each image, the first of which `tells` moves apart. */
const features = (tells: (row: number) => number = () => 0): Features => {
  const random = new RandomStream(3, 'features');
  const size = 8;
  const values = Float32Array.from(
    { length: PATIENTS * size },
    (_, at) => random.normal() + (at % size === 0 ? 8 * tells(Math.floor(at / size)) : 0),
  );
  return { values, size };
};

const question = (classes: string[], findings: (row: number) => Finding[]): ShortcutQuestion => ({
  whole: features(scanner),
  border: features(),
  patients: rows.map((row) => `p${row}`),
  classes,
  labels: rows.map(() => -1),
  findings: rows.map(findings),
  attributes: [{ attribute: 'Manufacturer', values: rows.map((row) => (scanner(row) ? 'A' : 'B')) }],
  seed: 7,
});

describe('shortcuts where images may show many findings', () => {
  it('can raise an alarm however many probes are adjusted together', () => {
    const classes = Array.from({ length: 14 }, (_, at) => `finding ${at}`);
    const random = new RandomStream(4, 'findings');
    const report = probeShortcuts(
      question(classes, (row) =>
        classes.map((_, at) =>
          at === 0 ? (scanner(row) as Finding) : (Number(random.uniform() < 0.4) as Finding),
        ),
      ),
    );
    expect(report.border).toHaveLength(14);
    expect(report.attributes[0].balancedAccuracy.value).toBe(1);
    expect(report.attributes[0].pValue).toBeLessThan(0.05);
    expect(report.attributes[0]).toMatchObject({ verdict: 'alarm', association: { with: 'finding 0' } });
  });

  it('ties an attribute to the finding with which it surely goes, not to a rare one that goes further by chance', () => {
    // Known of six patients alone, and there V is larger; of all others nothing is known.
    const rare = [1, 0, 1, 0, 1, 0];
    const report = probeShortcuts(
      question(['rare', 'common'], (row) => [
        row < 6 ? (rare[row] === 1 ? 0 : 1) : null,
        (row % 8 === 7 || row % 8 === 6 ? 1 - scanner(row) : scanner(row)) as Finding,
      ]),
    );
    const [{ association, verdict }] = report.attributes;
    expect(association.with).toBe('common');
    expect(association.cramersV).toBeLessThan(0.7);
    expect(verdict).toBe('alarm');
  });

  it('asks nothing of a finding that is known of no image', () => {
    const report = probeShortcuts(question(['unknown', 'common'], (row) => [null, scanner(row) as Finding]));
    expect(report.border.map(({ finding }) => finding)).toEqual(['common']);
    expect(report.border.every(({ whole }) => Number.isFinite(whole.balancedAccuracy.value))).toBe(true);
  });

  it('names no house in a report, also where all images are of one', () => {
    const asked = question(['common'], (row) => [scanner(row) as Finding]);
    const report = probeShortcuts({
      ...asked,
      attributes: [
        { attribute: 'InstitutionName', values: rows.map(() => 'Mercy, West Wing') },
        { attribute: 'Manufacturer', values: rows.map(() => 'A') },
      ],
    });
    const checkedAt = '2026-01-01T00:00:00Z';
    const printed = withoutSites({ kind: 'shortcuts', runId: 1, setName: null, report, checkedAt });
    expect(JSON.stringify(report)).toMatch(/Mercy/);
    expect(JSON.stringify(printed)).not.toMatch(/Mercy|West/);
    expect(JSON.stringify(printed)).toMatch(/have the same value, A/);
  });
});

describe('what is said of leakage', () => {
  it('is said of the judge whose interval shows it', () => {
    // Two images of each patient that are nearly the same: neighbours find the patient, the class is drawn.
    const random = new RandomStream(9, 'leak');
    for (let seed = 0; seed < 12; seed++) {
      const size = 6;
      const values = new Float32Array(2 * PATIENTS * size);
      for (let patient = 0; patient < PATIENTS; patient++)
        for (let f = 0; f < size; f++) {
          const own = random.normal();
          for (const image of [0, 1]) values[(2 * patient + image) * size + f] = own + 0.7 * random.normal();
        }
      const patients = Array.from({ length: 2 * PATIENTS }, (_, at) => `p${Math.floor(at / 2)}`);
      const labels = patients.map((one) => Number(one.slice(1)) % 2);
      const asked = { features: { values, size }, patients, labels, classes: 2, seed };
      const { rows: judges, sentence } = measureLeakage({ ...asked, model: 'drawn', finding: null });
      const said = judges.find(({ judge }) =>
        sentence.includes(judge === 'probe' ? 'a linear probe' : 'the nearest neighbour'),
      )!;
      if (judges.some(({ inflation }) => inflation.low! > 0)) expect(said.inflation.low).toBeGreaterThan(0);
    }
  });
});

describe('what is said of failures', () => {
  it('does not find errors together because each image has many answers', () => {
    // One of ten findings wrong in every other image, spread evenly over both groups.
    const classes = Array.from({ length: 10 }, (_, at) => `finding ${at}`);
    const report = analyseFailures({
      setName: 'test',
      classes,
      judged: rows.map((row) => ({
        instanceId: row,
        frameIndex: 0,
        label: -1,
        findings: classes.map((): Finding => 0),
        probabilities: classes.map((_, at) => (at === 0 && row % 2 === 0 ? 0.9 : 0.1)),
      })),
      features: features((row) => Number(row % 4 < 2)),
      quality: rows.map(() => ({ range: 1, contrast: 1, clipped: 0, noise: 0 })),
      lookalikes: [],
      lookalikeFeatures: { values: new Float32Array(0), size: 8 },
      seed: 1,
    });
    const groups = [
      { title: 'alike', images: [], wrong: 9, of: 16 },
      { title: 'others', images: [], wrong: 7, of: 16 },
    ];
    expect(failureSentences({ ...report, byFeatures: groups }).join(' ')).not.toMatch(/lie together/);
    const apart = [
      { ...groups[0], wrong: 15 },
      { ...groups[1], wrong: 1 },
    ];
    expect(failureSentences({ ...report, byFeatures: apart }).join(' ')).toMatch(
      /of 16 images .* 15 went wrong/,
    );
  });
});
