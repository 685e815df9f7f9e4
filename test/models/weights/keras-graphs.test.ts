import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backboneStages } from '../../../src-main/models/index.ts';
import { assembled, type Expected, outputsOf, relativeDifference, softmax } from './graph-helpers.ts';

const FOLDER = new URL('./files/graphs/', import.meta.url).pathname;
const expectedIn = (name: string): Record<string, Expected> =>
  JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Record<string, Expected>;
const expected = {
  ...expectedIn('expected-keras.json'),
  // Graphs of TensorFlow.js have a test of their own.
  ...Object.fromEntries(
    Object.entries(expectedIn('expected-tfjs.json')).filter(([name]) => !name.endsWith('-graph')),
  ),
};

describe.each(Object.keys(expected))('the network in %s, of Keras', (name) => {
  it('computes what it computes in Keras, and is cut into stages', async () => {
    const graph = await assembled(join(FOLDER, name), expected[name].input);
    const found = await outputsOf(graph, expected[name]);
    const values = name.startsWith('zoo') ? softmax(found) : found;
    expect(relativeDifference(values, expected[name].output)).toBeLessThan(1e-4);
    expect(graph.classes).toBe(expected[name].output.length);
    expect(backboneStages(graph.network).length).toBeGreaterThan(1);
  });
});

describe('a network in a file of Keras', () => {
  it.each([
    ['lambda', 'code in it, the Lambda layer code, which Graft never runs'],
    ['registered', 'a layer of somebody’s own (mine>Doubled)'],
    ['disguised', 'a layer of somebody’s own (Conv2D)'],
    ['transposed', 'the layer up of the class Conv2DTranspose'],
    ['activation', 'activation = "exponential" in the layer conv'],
    ['shared', 'the layer twice used in several places'],
    ['inputs', 'a model of 2 inputs that is called on 1'],
    ['outputs', '2 outputs'],
    ['vector', 'an input that is no image of height, width and channels'],
  ])('is refused by the name of what Graft does not run: %s', async (name, found) => {
    const file = `refused-${name}.keras`;
    await expect(assembled(join(FOLDER, file), [8, 8])).rejects.toMatchObject({
      code: 'graph-unsupported',
      message: expect.stringContaining(`in ${file}, found ${found.replace('’', "'")}`),
    });
  });

  it('has one refusal for each of the files', () => {
    expect(readdirSync(FOLDER).filter((name) => name.startsWith('refused-'))).toHaveLength(9);
  });
});
