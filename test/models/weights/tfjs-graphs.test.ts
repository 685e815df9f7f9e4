import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backboneStages } from '../../../src-main/models/index.ts';
import { assembled, type Expected, outputsOf, relativeDifference, softmax } from './graph-helpers.ts';

const FOLDER = new URL('./files/graphs/', import.meta.url).pathname;
const expected = Object.fromEntries(
  Object.entries(
    JSON.parse(readFileSync(join(FOLDER, 'expected-tfjs.json'), 'utf8')) as Record<string, Expected>,
  ).filter(([name]) => name.endsWith('-graph')),
);

describe.each(Object.keys(expected))('the graph model %s', (name) => {
  it('computes what TensorFlow computes, and is cut into stages', async () => {
    const graph = await assembled(join(FOLDER, name), expected[name].input);
    const found = await outputsOf(graph, expected[name]);
    const values = name.startsWith('zoo') ? softmax(found) : found;
    expect(relativeDifference(values, expected[name].output)).toBeLessThan(1e-4);
    expect(graph.classes).toBe(expected[name].output.length);
    expect(backboneStages(graph.network).length).toBeGreaterThan(1);
  });
});
