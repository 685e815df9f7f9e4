import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../../src-main/engine/index.ts';
import {
  assembleGraph,
  type ForeignGraph,
  type ForeignLayer,
  initialiseParameters,
  type LayerOperation,
  modelCard,
  modelCards,
  type Network,
  parameterSpecs,
  stageOutput,
  stagesOf,
  withHead,
} from '../../../src-main/models/index.ts';

/** A network of the library as a file would describe it: without stages. */
function withoutStages(network: Network): ForeignGraph {
  const weights = parameterSpecs(network).map(({ name, shape }, at): [string, Float32Array] => {
    // Drawn weights would take a minute for all networks: a mark tells one array from another.
    const data = new Float32Array(sizeOf(shape));
    data[data.length - 1] = at + 1;
    return [name, data];
  });
  return {
    name: network.name,
    inputShape: network.inputShape,
    layers: network.layers,
    output: network.layers.at(-1)!.name,
    weights: new Map(weights),
  };
}

/** Layers by hand: `[name, operation, inputs]`, each after the one before where no inputs are named. */
function graph(
  layers: [string, LayerOperation, string[]?][],
  weights: Record<string, number[]> = {},
): ForeignGraph {
  const foreign = layers.map(([name, operation, inputs], at): ForeignLayer => ({
    ...operation,
    name,
    inputs: inputs ?? (at === 0 ? [] : [layers[at - 1][0]]),
  }));
  const network: Network = {
    name: 'by hand',
    inputShape: [8, 8, 2],
    layers: foreign.map((layer) => ({ ...layer, stage: 'stem' })),
  };
  const drawn = [...initialiseParameters(network, 5)].map(({ name, data }): [string, Float32Array] => [
    name,
    weights[name] ? Float32Array.from(weights[name]) : data,
  ]);
  return {
    name: 'by hand',
    inputShape: [8, 8, 2],
    layers: foreign,
    output: layers.at(-1)![0],
    weights: new Map(drawn),
  };
}

const conv = (filters: number, strides = 1): LayerOperation => ({
  kind: 'conv2d',
  config: { filters, kernelSize: 3, strides, padding: 'same', useBias: false },
});
const relu: LayerOperation = { kind: 'activation', config: { activation: 'relu' } };
const pool: LayerOperation = { kind: 'globalAveragePooling2d', config: {} };
const dense = (units: number): LayerOperation => ({ kind: 'dense', config: { units, useBias: true } });
const input: LayerOperation = { kind: 'input', config: {} };
const add: LayerOperation = { kind: 'add', config: {} };

describe('the stages of a network that has none', () => {
  it.each(modelCards().map(({ name }) => name))('%s comes back with all of its weights', (name) => {
    const network = modelCard(name).architecture([96, 96, 3], 5);
    const foreign = withoutStages(network);
    const { network: cut, parameters, classes } = assembleGraph(foreign);
    expect(classes).toBe(5);
    expect(cut.layers.map((layer) => layer.name).sort()).toEqual(
      network.layers.map((layer) => layer.name).sort(),
    );
    for (const { name: weight } of parameterSpecs(network))
      expect(parameters.get(weight).data).toBe(foreign.weights.get(weight));
    const stages = stagesOf(cut);
    expect(stages.length).toBeGreaterThanOrEqual(5);
    expect(stages.length).toBeLessThanOrEqual(9);
    expect(stages.slice(-2)).toEqual(['pool', 'head']);
  });

  it.each(['resnet18', 'resnet50', 'starter', 'densenet121'])(
    '%s is cut where its authors cut it',
    (name) => {
      const network = modelCard(name).architecture([96, 96, 3], 5);
      const { network: cut } = assembleGraph(withoutStages(network));
      const ends = (one: Network): string[] => stagesOf(one).map((stage) => stageOutput(one, stage));
      expect(ends(cut)).toEqual(ends(network));
    },
  );

  it('cuts a network of one resolution between its blocks, into parts of like weight', () => {
    const blocks = Array.from({ length: 8 }, (_, at): [string, LayerOperation, string[]?][] => [
      [`conv${at}`, conv(4), [at === 0 ? 'patches' : `sum${at - 1}`]],
      [`sum${at}`, add, [`conv${at}`, at === 0 ? 'patches' : `sum${at - 1}`]],
    ]).flat();
    const { network } = assembleGraph(
      graph([['image', input], ['patches', conv(4, 2)], ...blocks, ['mean', pool], ['classes', dense(3)]]),
    );
    const ends = stagesOf(network).map((stage) => stageOutput(network, stage));
    expect(ends).toEqual(['patches', 'sum1', 'sum3', 'sum5', 'sum7', 'mean', 'classes']);
  });
});

describe('a network from a file', () => {
  const small = (): Parameters<typeof graph>[0] => [
    ['image', input],
    ['stem/conv', conv(4, 2)],
    ['stem/relu', relu],
    ['block/conv', conv(4)],
    ['block/sum', add, ['block/conv', 'stem/relu']],
    ['mean', pool],
    ['classes', dense(3)],
  ];

  it('may come in any order, with layers that nothing needs', () => {
    const whole = graph(small());
    const strewn = {
      ...whole,
      layers: [...whole.layers, { ...conv(9), name: 'aside', inputs: ['image'] }].toReversed(),
    };
    expect(assembleGraph(strewn as ForeignGraph).network).toEqual(assembleGraph(whole).network);
  });

  it('has clean names, and its weights under them', () => {
    const foreign = graph(small());
    const { network, parameters } = assembleGraph(foreign);
    expect(network.layers.map(({ name }) => name)).toContain('block.conv');
    expect(parameters.get('block.conv/kernel').data).toEqual(foreign.weights.get('block/conv/kernel'));
  });

  it('gives each user of a constant one of its own, and keeps a learned array with those who share it', () => {
    const array = (learns: boolean): LayerOperation => ({
      kind: 'weight',
      config: { shape: [1, 1, 2], learns },
    });
    const layers = (learns: boolean): ForeignGraph =>
      graph(
        [
          ['image', input],
          ['array', array(learns), []],
          ['first', { kind: 'multiply', config: {} }, ['image', 'array']],
          ['conv1', conv(2, 2)],
          ['second', { kind: 'multiply', config: {} }, ['conv1', 'array']],
          ['conv2', conv(4, 2)],
          ['mean', pool],
          ['classes', dense(2)],
        ],
        { 'array/weight': [0.5, 2] },
      );
    const constant = assembleGraph(layers(false));
    expect(constant.network.layers.filter(({ kind }) => kind === 'weight')).toHaveLength(2);
    expect([...constant.parameters.get('array#2/weight').data]).toEqual([0.5, 2]);
    const learned = assembleGraph(layers(true));
    const of = (name: string): string => learned.network.layers.find((layer) => layer.name === name)!.stage;
    expect(learned.network.layers.filter(({ kind }) => kind === 'weight')).toHaveLength(1);
    expect(of('array')).toBe(of('second'));
    expect(of('first')).toBe(of('second'));
  });

  it('drops a softmax at its end: Graft’s outputs are logits', () => {
    const softmax: LayerOperation = { kind: 'activation', config: { activation: 'softmax' } };
    const { network } = assembleGraph(graph([...small(), ['probabilities', softmax]]));
    expect(network.layers.at(-1)!.name).toBe('classes');
  });

  it('pools tokens as an image of one row, and a class token as one of a single pixel', () => {
    const tokens: Parameters<typeof graph>[0] = [
      ['image', input],
      ['patches', conv(4, 2)],
      ['tokens', { kind: 'reshape', config: { shape: [-1, 4] } }],
      ['mix', dense(4)],
    ];
    const mean: LayerOperation = {
      kind: 'reduce',
      config: { reduction: 'mean', axes: [1], keepDimensions: false },
    };
    const pooled = assembleGraph(graph([...tokens, ['mean', mean], ['classes', dense(3)]]));
    expect(pooled.classes).toBe(3);
    const again = withHead(pooled.network, 2);
    expect(again.layers.at(-3)).toMatchObject({ name: 'features', config: { shape: [1, -1, 4] } });
    const first: LayerOperation = { kind: 'slice', config: { begin: [0, 0], end: [1, 4], strides: [1, 1] } };
    const token: LayerOperation = { kind: 'reshape', config: { shape: [4] } };
    const classToken = assembleGraph(
      graph([...tokens, ['first', first], ['token', token], ['classes', dense(3)]]),
    );
    expect(classToken.classes).toBe(3);
    expect(withHead(classToken.network, 2).layers.at(-3)).toMatchObject({ config: { shape: [1, 1, 4] } });
  });

  it('gets a new head where it has none', () => {
    const features = small().slice(0, -2);
    const { network, classes } = assembleGraph(graph(features));
    expect(classes).toBeNull();
    expect(stagesOf(network).slice(-2)).toEqual(['pool', 'head']);
  });

  it('refuses what is no network from an image', () => {
    const array: LayerOperation = { kind: 'weight', config: { shape: [4], learns: true } };
    expect(() =>
      assembleGraph(
        graph([
          ['image', input],
          ['array', array, []],
        ]),
      ),
    ).toThrow(/an output that does not depend on the image/);
    expect(() =>
      assembleGraph(
        graph([
          ['image', input],
          ['relu', relu],
        ]),
      ),
    ).toThrow(/no layers with weights/);
    const broken = graph(small());
    expect(() => assembleGraph({ ...broken, weights: new Map() })).toThrow(
      /Expected 72 numbers for stem\/conv\/kernel/,
    );
    expect(() => assembleGraph({ ...broken, output: 'nowhere' })).toThrow(/the layer nowhere is missing/);
    const knotted = broken.layers.map((layer) =>
      layer.name === 'stem/conv' ? { ...layer, inputs: ['block/sum'] } : layer,
    );
    expect(() => assembleGraph({ ...broken, layers: knotted })).toThrow(/needs its own output/);
  });
});
