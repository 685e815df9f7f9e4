import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraftError } from '../../../src-main/contract/errors.ts';
import { backboneStages, modelFromWeights, openWeightFile } from '../../../src-main/models/index.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';
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

interface Node {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, unknown>;
}
interface ModelJson {
  signature?: { outputs: Record<string, unknown> };
  modelTopology: { node: Node[] };
}

describe('a model of TensorFlow.js with a network of its own', () => {
  let folder: string;
  beforeAll(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'graft-graphs-')), 'model');
  });
  afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

  const outcome = async (): Promise<string> => {
    const file = await openWeightFile(folder);
    try {
      modelFromWeights(file, {});
      return 'nothing was wrong';
    } finally {
      file.close();
    }
  };
  const changed = async (name: string, change: (model: ModelJson) => void): Promise<string> => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(FOLDER, name), folder, { recursive: true });
    const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelJson;
    change(model);
    writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
    return outcome().catch((error: unknown) => (error as Error).message);
  };
  const nodeOf = ({ modelTopology }: ModelJson, op: string): Node =>
    modelTopology.node.find((node) => node.op === op)!;

  it('is refused by the name of an operation that Graft does not run', async () => {
    const said = await changed('blocks-graph', (model) => (nodeOf(model, 'Pad').op = 'MirrorPad'));
    expect(said).toMatch(
      /^Expected a network of layers that Graft has in model\/model\.json, found the operation MirrorPad \(StatefulPartitionedCall\/blocks\/.*Export the network without it/,
    );
  });

  it('may have a bias of one number, which stands for all channels', async () => {
    const said = await changed('blocks-graph', (model) => {
      const { node: nodes } = model.modelTopology;
      const scalar = nodes.find(({ name }) => name.endsWith('expand/Const'));
      nodeOf(model, '_FusedConv2D').input![2] = scalar!.name;
    });
    expect(said).toBe('nothing was wrong');
  });

  it.each<[string, string, (model: ModelJson) => void]>([
    ['2 outputs', 'outputs', (model) => (model.signature!.outputs.more = { name: 'image' })],
    ['2 inputs', 'inputs', (model) => model.modelTopology.node.push({ name: 'more', op: 'Placeholder' })],
    [
      'that needs itself',
      'itself',
      (model) => (nodeOf(model, 'Pad').input![0] = nodeOf(model, 'AvgPool').name),
    ],
    ['no node nowhere', 'none', (model) => (nodeOf(model, 'Pad').input![0] = 'nowhere')],
    [
      'channels before pixels',
      'order',
      (model) =>
        (nodeOf(model, '_FusedConv2D').attr!.data_format = { s: Buffer.from('NCHW').toString('base64') }),
    ],
    [
      'strides of [1, 0, 0, 1]',
      'strides',
      (model) => (nodeOf(model, '_FusedConv2D').attr!.strides = { list: { i: ['1', '0', '0', '1'] } }),
    ],
  ])('is refused when it has %s', async (found, _, change) => {
    const said = await changed('blocks-graph', (model) => {
      if (found === 'that needs itself') nodeOf(model, 'AvgPool').input![0] = nodeOf(model, 'Pad').name;
      change(model);
    });
    expect(said).toMatch(/^Expected a network of layers .*found .*\.$/s);
    expect(said).toContain(found);
  });

  it.each(['blocks-graph', 'zoo-graph', 'blocks-layers'])(
    'is refused in a sentence, or read, wherever %s is changed',
    async (name) => {
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(FOLDER, name), folder, { recursive: true });
      const whole = readFileSync(join(folder, 'model.json'));
      const random = new RandomStream(17, name);
      const said = new Set<string>();
      for (let attempt = 0; attempt < 120; attempt++) {
        const bytes = Buffer.from(whole);
        // Digits and letters for each other: what stays JSON, and says something else.
        for (let flips = 0; flips < 4; flips++) {
          const at = Math.floor(random.uniform() * bytes.length);
          if (/[0-9]/.test(String.fromCharCode(bytes[at])))
            bytes[at] = 48 + Math.floor(random.uniform() * 10);
          else if (/[a-z]/i.test(String.fromCharCode(bytes[at])))
            bytes[at] = 97 + Math.floor(random.uniform() * 26);
        }
        writeFileSync(join(folder, 'model.json'), bytes);
        try {
          said.add(await outcome());
        } catch (error) {
          expect(error).toBeInstanceOf(GraftError);
          expect(error).toMatchObject({
            kind: 'expected',
            message: expect.stringMatching(/^Expected .*found .*\.$/s),
          });
          said.add((error as GraftError).code);
        }
      }
      expect(said.size).toBeGreaterThan(2);
    },
  );
});
