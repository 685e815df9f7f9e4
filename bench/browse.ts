/**
 * Opening and browsing a project of a hundred thousand images: time of the main process for each call of the Data
 * screen, its answer put into JSON as it goes to the page. The rows are generated; there are no files behind them.
 *
 *     node bench/browse.ts [--images 100000] [--repetitions 7] [--keep FOLDER]
 *
 * `--keep` leaves the project in FOLDER (made with the key of GRAFT_HOME), to be opened in a window.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createDesk } from '../src-main/app/index.ts';
import type { CallInput, CallName } from '../src-main/contract/calls/index.ts';
import { generateProject } from './generated-project.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '100000' },
    repetitions: { type: 'string', default: '7' },
    keep: { type: 'string' },
  },
});
const images = Number(values.images);
const repetitions = Number(values.repetitions);
let asked = 0;

const folder = mkdtempSync(join(tmpdir(), 'graft-browse-'));
if (values.keep === undefined) process.env.GRAFT_HOME = join(folder, 'home');
const project = values.keep === undefined ? join(folder, 'project') : resolve(values.keep);
try {
  generateProject(project, images);
  process.stdout.write(`${images} images; load ${loadavg()[0].toFixed(2)}; medians of ${repetitions}\n\n`);
  await openings();
  await calls();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** From a closed project to the first rows, each time with a new desk, as a start of the window has it. */
async function openings(): Promise<void> {
  const times: Record<string, number[]> = {};
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const desk = createDesk();
    const ask = asker(desk);
    (times['projects.open (figures of the project)'] ??= []).push(
      await ask('projects.open', { folder: project }),
    );
    (times['first page of rows, table read'] ??= []).push(await ask('data.browse', {}));
    (times['overview'] ??= []).push(await ask('data.overview', {}));
    await desk.close();
  }
  const sums = times['projects.open (figures of the project)'].map(
    (one, at) => one + times['first page of rows, table read'][at],
  );
  print('open, then the first page: together', sums);
  for (const [name, own] of Object.entries(times)) print(name, own);
}

/** Each filter is new to the application: nothing it kept from the last one helps. */
async function calls(): Promise<void> {
  const desk = createDesk();
  const ask = asker(desk);
  await ask('projects.open', { folder: project });
  await ask('data.browse', {});
  const cases: [string, CallName, unknown][] = [
    ['rows: one manufacturer', 'data.browse', { query: { filter: { Manufacturer: 'SIEMENS' } } }],
    [
      'rows: three attributes, several values',
      'data.browse',
      {
        query: {
          filter: {
            source: 'hospital-1',
            Manufacturer: ['SIEMENS', 'Philips'],
            MagneticFieldStrength: [1.5, 3],
          },
        },
      },
    ],
    ['rows: text', 'data.browse', { query: { text: 'axial contrast' } }],
    ['rows: unlabelled', 'data.browse', { query: { label: 'unlabelled' } }],
    ['rows: by manufacturer', 'data.browse', { groupBy: 'Manufacturer' }],
    [
      'rows: by series description, most images first',
      'data.browse',
      { groupBy: 'SeriesDescription', sort: 'images', descending: true },
    ],
    ['rows: patients by number of labels', 'data.browse', { sort: 'labelled', descending: true }],
    ['rows: the last page of patients', 'data.browse', { offset: 4_900 }],
    [
      'overview: one manufacturer',
      'data.overview',
      { query: { filter: { Manufacturer: 'GE MEDICAL SYSTEMS' } } },
    ],
    ['overview: text', 'data.overview', { query: { text: 'sagittal' } }],
    ['details of one image', 'data.image', { instanceId: images >> 1 }],
    ['problems', 'data.problems', {}],
    ['sources', 'data.sources', null],
  ];
  for (const [name, call, input] of cases) {
    const own: number[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      await forget(ask);
      own.push(await ask(call, input as CallInput<typeof call>));
    }
    print(name, own);
  }
  await desk.close();
}

/** Asks for so many other selections that none of ours is kept. */
async function forget(ask: ReturnType<typeof asker>): Promise<void> {
  for (let at = 0; at < 30; at++)
    await ask('data.browse', { query: { text: `nothing ${asked++}` }, limit: 0 });
}

function asker(desk: ReturnType<typeof createDesk>) {
  return async <Name extends CallName>(name: Name, input: CallInput<Name>): Promise<number> => {
    const start = performance.now();
    const answer = await desk.call(name, input);
    JSON.stringify(answer);
    if (!answer.ok) throw new Error(answer.error.message);
    return performance.now() - start;
  };
}

function print(name: string, own: readonly number[]): void {
  const sorted = [...own].sort((a, b) => a - b);
  const line = `${name.padEnd(50)} ${sorted[sorted.length >> 1].toFixed(1).padStart(8)} ms   worst ${sorted.at(-1)!.toFixed(1)}\n`;
  process.stdout.write(line);
}
