import type { Distribution, Overview } from '../../../contract/calls/data.ts';
import type { ImageBrowser } from './browser.ts';
import { distinct } from './tree.ts';

const SHOWN: readonly Distribution['keyword'][] = [
  'source',
  'Modality',
  'Manufacturer',
  'ManufacturerModelName',
  'InstitutionName',
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'BodyPartExamined',
  'StudyYear',
  'PatientSex',
  'Rows',
];
const VALUES = 8;

/** How the selected images are distributed over the attributes that make scanners and hospitals differ. */
export function overviewOf(browser: ImageBrowser, rows: Int32Array): Overview {
  const { table, labels, classes } = browser;
  const unlabelled = rows.filter((row) => labels[row] < 0);
  return {
    images: rows.length,
    patients: distinct(table.patients, rows),
    labelled: rows.length - unlabelled.length,
    distributions: SHOWN.map((keyword) => distribution(browser, keyword, rows)),
    classes: [
      ...classes.map((name, at) => ({ name, of: rows.filter((row) => labels[row] === at) })),
      { name: null, of: unlabelled },
    ]
      .map(({ name, of }) => ({ name, images: of.length, patients: distinct(table.patients, of) }))
      .filter(({ images }) => images > 0),
  };
}

function distribution(
  browser: ImageBrowser,
  keyword: Distribution['keyword'],
  rows: Int32Array,
): Distribution {
  const { codes, values } = browser.column(keyword);
  const counts = new Uint32Array(values.length);
  for (const row of rows) counts[codes[row]]++;
  const present = values
    .map((value, code) => ({ value, images: counts[code] }))
    .filter(({ images }) => images > 0)
    .sort((a, b) => b.images - a.images);
  return { keyword, values: present.slice(0, VALUES), others: Math.max(0, present.length - VALUES) };
}
