import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { addedModels, addModel } from '../../src-main/app/added-models.ts';
import { comparePredictions } from '../../src-main/app/capsule/compare.ts';
import type { Finding } from '../../src-main/contract/dataset.ts';

const GRAPH = new URL('../models/weights/files/graphs/blocks-graph/', import.meta.url).pathname;
const models = mkdtempSync(join(tmpdir(), 'graft-added-'));
afterAll(() => rmSync(models, { recursive: true, force: true }));

it('one file added for colour and for grey images makes two models, the first as it was', async () => {
  const project = { paths: { models } } as Parameters<typeof addModel>[0];
  const said = { path: GRAPH, source: '', licence: '' };
  const colour = await addModel(project, { ...said, title: 'colour' });
  const before = readFileSync(join(colour.folder, 'model.json'), 'utf8');
  const grey = await addModel(project, { ...said, title: 'grey', options: { oneChannel: true } });
  expect([colour.report!.channels, grey.report!.channels]).toEqual([3, 1]);
  expect(addedModels(project).map(({ title }) => title)).toEqual(['colour', 'grey']);
  expect(readFileSync(join(colour.folder, 'model.json'), 'utf8')).toBe(before);
  // The same once more takes the place of its own.
  await addModel(project, { ...said, title: 'colour again' });
  expect(addedModels(project).map(({ title }) => title)).toEqual(['colour again', 'grey']);
});

it('answers about findings that are labelled otherwise now do not agree', () => {
  const probabilities = Float32Array.of(0.5, 0.25);
  const one = { instanceId: 1, frameIndex: 0, patientKey: 'p', subgroup: null, label: -1, probabilities };
  const compared = (now: Finding[]) =>
    comparePredictions(
      'Answers',
      [
        {
          ...{ image: 'hash', frame: 0, patient: 'p', label: -1, findings: [1, null], excluded: null },
          probabilities: [0.5, 0.25],
        },
      ],
      [{ ...one, findings: now, excluded: null }],
      () => 'hash',
    );
  expect(compared([1, null])).toMatchObject({ agrees: 'exactly' });
  expect(compared([0, null])).toMatchObject({
    agrees: 'no',
    detail: expect.stringMatching(/1 with another label/) as string,
  });
});
