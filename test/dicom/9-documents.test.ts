import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cohortSubject,
  derivedUid,
  encapsulatePdf,
  readSourceInstance,
  writeMeasurementReport,
  writeSecondaryCapture,
  type DocumentBase,
  type InstanceReference,
  type MeasurementReport,
} from '../../src-main/dicom/index.ts';
import { openFile } from '../../src-main/dicom/byte-source.ts';
import type { DataSet } from '../../src-main/dicom/data-set.ts';
import { parseFile } from '../../src-main/dicom/part10.ts';
import { grey12, temporaryFolder, writeBytes, writeFile } from './files.ts';
import { type Orthanc, startOrthanc } from './orthanc.ts';
import { dciodvfyErrors, dciodvfyKind, leftOut } from './tools.ts';

const folder = temporaryFolder();

/** A document as Graft's own reader finds it. */
function read(path: string): DataSet {
  const file = openFile(path);
  try {
    return parseFile(file, 0xffffffff, 'header').dataSet;
  } finally {
    file.close();
  }
}

const reference: InstanceReference = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
  SOPInstanceUID: '2.25.101',
  SeriesInstanceUID: '2.25.102',
  StudyInstanceUID: '2.25.103',
};

const base = (name: string): DocumentBase => ({
  subject: {
    PatientName: 'Müller^Änne',
    PatientID: '4711',
    PatientBirthDate: '19500101',
    PatientSex: 'F',
    StudyInstanceUID: reference.StudyInstanceUID,
    StudyDate: '20200102',
    StudyTime: '101112',
    StudyID: '7',
    AccessionNumber: 'A1',
    ReferringPhysicianName: '',
  },
  source: { version: '1.2.3', model: 'starter' },
  SOPInstanceUID: derivedUid('test', name),
  SeriesInstanceUID: derivedUid('test series', name),
  SeriesNumber: 9001,
  InstanceNumber: 1,
  createdAt: '2026-03-04T05:06:07.890Z',
});

const algorithm = {
  name: 'starter, run 4',
  version: '1.2.3',
  parameters: ['seed 0'],
  uid: derivedUid('model'),
};

const report: MeasurementReport = {
  ...base('report'),
  modality: 'MR',
  algorithm,
  classes: ['glioma', 'no tumour\\other'],
  images: [
    { reference, probabilities: [0.123456789012345, 0.876543210987655] },
    { reference: { ...reference, SOPInstanceUID: '2.25.104' }, probabilities: [1 / 3, 2 / 3] },
  ],
};

const findings: MeasurementReport = {
  ...base('findings'),
  modality: null,
  algorithm,
  classes: ['Effusion', 'Mass'],
  thresholds: [0.5, 0.3],
  images: [
    {
      reference: { ...reference, SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.2', frame: 3 },
      probabilities: [1e-9, 0.3],
    },
  ],
};

const pdf = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

const picture = {
  rows: 7,
  columns: 9,
  rgb: Uint8Array.from({ length: 7 * 9 * 3 }, (_, at) => (at * 7) % 256),
};

/** One of each kind, by what it is. */
async function documents(): Promise<Record<string, string>> {
  const written = {
    report: await writeMeasurementReport(report),
    findings: await writeMeasurementReport(findings),
    picture: await writeSecondaryCapture({
      ...base('picture'),
      picture,
      reference,
      description: 'Grad-CAM of the class glioma',
    }),
    pdf: await encapsulatePdf(pdf, { ...base('pdf'), title: 'Evaluation', references: [reference] }),
    cohort: await encapsulatePdf(pdf, {
      ...base('cohort'),
      subject: cohortSubject(derivedUid('cohort'), 'Evaluation', base('').createdAt),
      title: 'Evaluation',
    }),
  };
  return Object.fromEntries(
    Object.entries(written).map(([name, bytes]) => [name, writeBytes(folder, bytes)]),
  );
}

let paths: Record<string, string>;
beforeAll(async () => {
  paths = await documents();
});

/** Content items under a root, with how deep they lie left out, as `relationship type concept value`. */
function content(set: DataSet): string[] {
  return set.items('ContentSequence').flatMap((item) => {
    const meaning = item.items('ConceptNameCodeSequence')[0]?.text('CodeMeaning') ?? '';
    const value =
      item.text('TextValue') ??
      item.text('UID') ??
      item.items('ConceptCodeSequence')[0]?.text('CodeMeaning') ??
      item.items('ReferencedSOPSequence')[0]?.text('ReferencedSOPInstanceUID') ??
      item.items('MeasuredValueSequence')[0]?.text('NumericValue') ??
      '';
    return [
      [item.text('RelationshipType'), item.text('ValueType'), meaning, value].join(' | '),
      ...content(item),
    ];
  });
}

describe('derived UIDs', () => {
  it('are under 2.25, follow from what they are of, and fit into 64 characters', () => {
    const one = derivedUid('a', 'b');
    expect(one).toBe(derivedUid('a', 'b'));
    expect(one).not.toBe(derivedUid('ab'));
    const bits = BigInt(one.slice('2.25.'.length));
    expect(bits.toString(16).padStart(32, '0')).toMatch(/^.{12}8.{3}[89ab].{15}$/);
    for (let at = 0; at < 200; at++) expect(derivedUid(String(at))).toMatch(/^2\.25\.(0|[1-9]\d{0,38})$/);
  });
});

describe('a structured report', () => {
  it('says who the patient is, in any letters, and in which study', () => {
    const set = read(paths.report);
    expect(set.text('PatientName')).toBe('Müller^Änne');
    expect(set.text('PatientID')).toBe('4711');
    expect(set.text('StudyInstanceUID')).toBe(reference.StudyInstanceUID);
    expect([set.text('ContentDate'), set.text('ContentTime')]).toEqual(['20260304', '050607']);
  });

  it('is a TID 1500 with one measurement group for each image: class, algorithm, image, probabilities', () => {
    const set = read(paths.report);
    expect(set.items('ContentTemplateSequence')[0].text('TemplateIdentifier')).toBe('1500');
    const lines = content(set);
    expect(lines.filter((line) => line.includes('Measurement Group'))).toHaveLength(2);
    const first = lines.slice(lines.findIndex((line) => line.includes('Measurement Group')));
    expect(first.slice(0, 9)).toEqual([
      'CONTAINS | CONTAINER | Measurement Group | ',
      'HAS OBS CONTEXT | TEXT | Tracking Identifier | Image 1',
      expect.stringMatching(/^HAS OBS CONTEXT \| UIDREF \| Tracking Unique Identifier \| 2\.25\.\d+$/),
      'CONTAINS | CODE | Finding | no tumour other',
      'HAS CONCEPT MOD | TEXT | Algorithm Name | starter, run 4',
      'HAS CONCEPT MOD | TEXT | Algorithm Version | 1.2.3',
      'HAS CONCEPT MOD | TEXT | Algorithm Parameters | seed 0',
      'CONTAINS | IMAGE | Source | 2.25.101',
      'CONTAINS | NUM | Probability of glioma | 0.12345678901234',
    ]);
    expect(lines).toContain(`HAS OBS CONTEXT | UIDREF | Device Observer UID | ${algorithm.uid}`);
  });

  it('keeps every digit of a probability beside the sixteen characters that decimal text may have', () => {
    const values = (set: DataSet): number[] =>
      set
        .items('ContentSequence')
        .flatMap((item) => [
          ...item.items('MeasuredValueSequence').map((value) => value.number('FloatingPointValue')!),
          ...values(item),
        ]);
    expect(values(read(paths.report))).toEqual(report.images.flatMap(({ probabilities }) => probabilities));
    const unit = read(paths.report).items('ContentSequence').at(-1)!.items('ContentSequence')[0];
    const number = unit.items('ContentSequence').find((item) => item.text('ValueType') === 'NUM')!;
    const [code] = number.items('MeasuredValueSequence')[0].items('MeasurementUnitsCodeSequence');
    expect([code.text('CodeValue'), code.text('CodingSchemeDesignator')]).toEqual(['1', 'UCUM']);
  });

  it('declares the scheme of its classes, and gives one name one code', () => {
    const set = read(paths.report);
    expect(set.items('CodingSchemeIdentificationSequence')[0].text('CodingSchemeDesignator')).toBe('99GRAFT');
    expect(read(paths.findings).items('CodingSchemeIdentificationSequence')).toHaveLength(1);
  });

  it('lists each image once as evidence, under its study and series', () => {
    const [study] = read(paths.report).items('CurrentRequestedProcedureEvidenceSequence');
    expect(study.text('StudyInstanceUID')).toBe(reference.StudyInstanceUID);
    const [series] = study.items('ReferencedSeriesSequence');
    expect(series.text('SeriesInstanceUID')).toBe(reference.SeriesInstanceUID);
    const uids = series.items('ReferencedSOPSequence').map((one) => one.text('ReferencedSOPInstanceUID'));
    expect(uids).toEqual(['2.25.101', '2.25.104']);
  });

  it('judges findings one by one, present from the threshold on', () => {
    const lines = content(read(paths.findings));
    expect(lines).toContain('CONTAINS | CODE | Effusion | Absent');
    expect(lines).toContain('CONTAINS | CODE | Mass | Present');
    expect(lines.filter((line) => line.includes('| Finding |'))).toEqual([]);
  });
});

describe('a secondary capture', () => {
  it('holds the picture as it is, and refers to the image', () => {
    const set = read(paths.picture);
    expect(set.text('DerivationDescription')).toBe('Grad-CAM of the class glioma');
    const [source] = set.items('SourceImageSequence');
    expect(source.text('ReferencedSOPInstanceUID')).toBe('2.25.101');
    expect([...set.raw('PixelData').subarray(0, picture.rgb.length)]).toEqual([...picture.rgb]);
    // Nobody said whether there is any.
    expect(set.text('BurnedInAnnotation')).toBeNull();
  });

  it('refuses a picture of another size than it says', () => {
    const wrong = { ...picture, rows: 8 };
    const capture = { ...base('wrong'), picture: wrong, reference, description: 'x' };
    expect(() => writeSecondaryCapture(capture)).toThrow(/Expected 216 values for 8 × 9/);
  });
});

describe('an encapsulated PDF', () => {
  it('holds the pages byte by byte, with their length where they are odd', () => {
    const set = read(paths.pdf);
    expect(pdf.length % 2).toBe(1);
    expect(set.number('EncapsulatedDocumentLength')).toBe(pdf.length);
    expect(set.raw('EncapsulatedDocument').subarray(0, pdf.length).equals(pdf)).toBe(true);
    expect(set.items('SourceInstanceSequence')[0].text('ReferencedSOPInstanceUID')).toBe('2.25.101');
  });

  it('of a cohort is nobody’s', () => {
    expect(read(paths.cohort).text('PatientID')).toBe('GRAFT-COHORT');
  });

  it('refuses what is no PDF', () => {
    expect(() => encapsulatePdf(Buffer.from('<html>'), { ...base('x'), title: 'x' })).toThrow(
      /Expected a PDF/,
    );
  });
});

describe('whose an image is', () => {
  it('is read from the file with its references', async () => {
    const path = await writeFile(folder, {
      elements: {
        SpecificCharacterSet: 'ISO_IR 192',
        PatientName: 'Åse',
        StudyInstanceUID: '2.25.1',
        SeriesInstanceUID: '2.25.2',
        StudyDate: '20240101',
      },
      pixels: grey12,
    });
    expect(readSourceInstance(path)).toMatchObject({
      modality: 'MR',
      subject: { PatientName: 'Åse', PatientID: 'P1', StudyDate: '20240101', AccessionNumber: '' },
      reference: { SOPInstanceUID: '2.25.11', SeriesInstanceUID: '2.25.2', StudyInstanceUID: '2.25.1' },
    });
  });

  it('is not made up where a file has no study', async () => {
    const path = await writeFile(folder, { pixels: grey12 });
    expect(() => readSourceInstance(path)).toThrow(expect.objectContaining({ code: 'no-study' }));
  });
});

describe.skipIf(leftOut('documents by dciodvfy', { dciodvfy: 'dicom3tools' }))('dciodvfy', () => {
  it.each([
    ['report', 'ComprehensiveSR'],
    ['findings', 'ComprehensiveSR'],
    ['picture', 'SCImage'],
    ['pdf', 'EncapsulatedPDF'],
    ['cohort', 'EncapsulatedPDF'],
  ])('finds no error in a %s, and takes it for %s', (name, kind) => {
    expect(dciodvfyKind(paths[name])).toBe(kind);
    expect(dciodvfyErrors(paths[name])).toEqual([]);
  });

  it('finds an error where there is one', async () => {
    const subject = { ...report.subject, StudyInstanceUID: 'no UID' };
    const bytes = await writeMeasurementReport({ ...report, subject });
    expect(dciodvfyErrors(writeBytes(folder, bytes))).not.toEqual([]);
  });
});

describe.skipIf(leftOut('C-STORE to an archive', { Orthanc: 'orthanc', storescu: 'dcmtk' }))(
  'Orthanc',
  () => {
    let orthanc: Orthanc;
    beforeAll(async () => {
      orthanc = await startOrthanc(`${folder}/orthanc`);
    });
    afterAll(() => orthanc?.stop());

    it('takes every document over C-STORE, and gives it back as it was', async () => {
      expect(orthanc.store(Object.values(paths))).toEqual(Object.values(paths).map(() => 'Success'));
      expect(await orthanc.get('/statistics')).toMatchObject({ CountInstances: 5, CountPatients: 2 });
      const instances = (await orthanc.get('/instances?expand')) as {
        MainDicomTags: Record<string, string>;
      }[];
      const uids = instances.map((one) => one.MainDicomTags.SOPInstanceUID).sort();
      const sent = Object.values(paths).map((path) => read(path).text('SOPInstanceUID'));
      expect(uids).toEqual(sent.sort());
    });

    it('files the report with the patient whose images it speaks of', async () => {
      const patients = (await orthanc.get('/patients?expand')) as { MainDicomTags: Record<string, string> }[];
      expect(patients.map((one) => one.MainDicomTags.PatientID).sort()).toEqual(['4711', 'GRAFT-COHORT']);
    });

    it('keeps one of a document that is sent twice', async () => {
      expect(orthanc.store([paths.report])).toEqual(['Success']);
      expect(await orthanc.get('/statistics')).toMatchObject({ CountInstances: 5 });
    });
  },
);
