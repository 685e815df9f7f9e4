import type {
  BrowseKeyword,
  Distribution,
  ImageQuery,
  Overview,
  ValueCount,
} from '../../../contract/calls/data.ts';
import { browseKeywords } from '../../../contract/calls/data.ts';
import type { ImageBrowser } from './browser.ts';
import { distinct } from './tree.ts';
import { compareValues } from './values.ts';

const VALUES = 8;
/** Classes that bars are divided into; there are no more colours that an eye tells apart at a glance. */
const CLASSES = 4;
/** Their values have an order of their own, in which they are read. */
const ordered = new Set<BrowseKeyword>([
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'StudyYear',
  'AgeGroup',
  'PixelSize',
  'Rows',
  'Columns',
  'NumberOfFrames',
]);

/** How the images under a query are distributed over the attributes that make scanners and hospitals differ. */
export function overviewOf(browser: ImageBrowser, query: ImageQuery): Overview {
  const rows = browser.select(query);
  const { table, labels, classes } = browser;
  const shown = mostFrequentClasses(browser);
  const partOfClass = Int32Array.from(classes, (_, at) => shown.indexOf(at));
  const others = classes.length > shown.length;
  const none = shown.length + (others ? 1 : 0);
  const partOf = (row: number): number => {
    const label = labels[row];
    if (label < 0) return none;
    return partOfClass[label] >= 0 ? partOfClass[label] : shown.length;
  };
  let labelled = 0;
  for (const row of rows) if (labels[row] >= 0) labelled++;
  return {
    images: rows.length,
    patients: distinct(table.patients, rows),
    labelled,
    distributions: browseKeywords.map((keyword) => {
      const own = keyword in query.filter ? browser.selectBut(query, keyword) : rows;
      return distribution(browser, keyword, own, partOf, none + 1);
    }),
    parts: [
      ...shown.map((at) => ({ kind: 'class' as const, name: classes[at] })),
      ...(others ? [{ kind: 'other' as const }] : []),
      { kind: 'none' },
    ],
    classes: classCounts(browser, browser.selectBut(query, 'classes')),
  };
}

/** Over the whole project, so that a class keeps its colour under every filter. */
function mostFrequentClasses({ labels, classes }: ImageBrowser): number[] {
  const counts = new Uint32Array(classes.length);
  for (const label of labels) if (label >= 0) counts[label]++;
  return classes
    .map((_, at) => at)
    .sort((a, b) => counts[b] - counts[a])
    .slice(0, CLASSES)
    .sort((a, b) => a - b);
}

/** Of findings an image counts for each that it shows. */
function classCounts({ table, labels, carriers }: ImageBrowser, rows: Int32Array): Overview['classes'] {
  return [...carriers, [null, new Set([-1])] as const]
    .map(([name, carrying]) => {
      const of = rows.filter((row) => carrying.has(labels[row]));
      return { name, images: of.length, patients: distinct(table.patients, of) };
    })
    .filter(({ images }) => images > 0);
}

function distribution(
  browser: ImageBrowser,
  keyword: BrowseKeyword,
  rows: Int32Array,
  partOf: (row: number) => number,
  parts: number,
): Distribution {
  const { codes, values } = browser.column(keyword);
  const counts = new Uint32Array(values.length * parts);
  const sums = new Uint32Array(values.length);
  for (const row of rows) {
    sums[codes[row]]++;
    counts[codes[row] * parts + partOf(row)]++;
  }
  const present = values
    .map((_, code) => code)
    .filter((code) => sums[code] > 0)
    .sort((a, b) => sums[b] - sums[a] || compareValues(values[a], values[b]));
  const shown = present.slice(0, VALUES);
  if (ordered.has(keyword)) shown.sort((a, b) => compareValues(values[a], values[b]));
  return {
    keyword,
    values: shown.map((code) => ({
      value: values[code],
      images: sums[code],
      parts: [...counts.subarray(code * parts, (code + 1) * parts)],
    })),
    others: present.length - shown.length,
  };
}

/** The values of one attribute that contain a text, the most frequent first, and how many there are. */
export function valuesOf(
  browser: ImageBrowser,
  { query, keyword, text, limit }: { query: ImageQuery; keyword: BrowseKeyword; text: string; limit: number },
): { values: ValueCount[]; total: number } {
  const { codes, values } = browser.column(keyword);
  const sums = new Uint32Array(values.length);
  for (const row of browser.selectBut(query, keyword)) sums[codes[row]]++;
  const wanted = text.trim().toLowerCase();
  const present = values
    .map((value, code) => ({ value, images: sums[code] }))
    .filter(
      ({ value, images }) => images > 0 && (wanted === '' || String(value).toLowerCase().includes(wanted)),
    )
    .sort((a, b) => b.images - a.images || compareValues(a.value, b.value));
  return { values: present.slice(0, limit), total: present.length };
}
