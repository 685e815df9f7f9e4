import { describe, expect, it } from 'vitest';
import { openExecutor, type Program } from '../../src-main/engine/index.ts';
import {
  applyNetwork,
  checkNetwork,
  countParameters,
  cutShape,
  freezeMap,
  initialiseParameters,
  modelCard,
  modelCards,
  modelFigures,
  type Network,
  NetworkBuilder,
  outputShapes,
  planFreeze,
  stagesOf,
  trainableParameters,
  withHead,
} from '../../src-main/models/index.ts';

const build = (name: string, size: number, classes: number): Network =>
  modelCard(name).architecture([size, size, 3], classes);

describe('the model library', () => {
  it.each([
    ['resnet50', 25_636_712],
    ['mobilenet_v2', 3_538_984],
    ['densenet121', 8_062_504],
    ['efficientnet_b0', 5_330_564],
    ['inception_v3', 23_851_784],
  ])('%s has as many parameters as its publication', (name, count) => {
    expect(modelFigures(modelCard(name)).parameters).toBe(count);
  });

  it('starter stays between 2 and 3.2 million parameters and under 0.35 GMAC', () => {
    const { parameters, multiplyAdds } = modelFigures(modelCard('starter'));
    expect(parameters).toBeGreaterThan(2e6);
    expect(parameters).toBeLessThan(3.2e6);
    expect(multiplyAdds).toBeLessThan(0.35e9);
  });

  it('resnet50 keeps the layer names and shapes of Keras', () => {
    const network = build('resnet50', 224, 1000);
    const shapes = outputShapes(network);
    expect(shapes.get('conv1_relu')).toEqual([112, 112, 64]);
    expect(shapes.get('pool1_pool')).toEqual([56, 56, 64]);
    expect(shapes.get('conv4_block6_out')).toEqual([14, 14, 1024]);
    expect(shapes.get('conv5_block3_out')).toEqual([7, 7, 2048]);
    expect(initialiseParameters(build('resnet50', 64, 2), 1).get('conv3_block1_0_conv/kernel').shape).toEqual(
      [1, 1, 256, 512],
    );
  });

  it('mobilenet_v2 pads odd images as Keras does', () => {
    const shapes = outputShapes(build('mobilenet_v2', 97, 10));
    expect(shapes.get('block_1_depthwise')).toEqual([25, 25, 96]);
    expect(shapes.get('out_relu')).toEqual([4, 4, 1280]);
  });

  it('every network is whole, and can be cut after every stage', () => {
    for (const { name } of modelCards()) {
      const network = build(name, 96, 5);
      expect(() => checkNetwork(network)).not.toThrow();
      for (const stage of stagesOf(network)) expect(cutShape(network, stage).length).toBeGreaterThan(0);
    }
  });

  it('names the models there are when one is unknown', () => {
    expect(() => modelCard('resnet500')).toThrow(/one of starter, .*resnet50/);
  });
});

describe('a network', () => {
  it('gives one tensor across a cut: prefix then suffix equals the whole', async () => {
    const network = withHead(tiny(), 3, { hidden: [4] });
    const parameters = initialiseParameters(network, 5);
    const executor = await openExecutor({ engine: 'reference' });
    const program: Program = {
      name: 'cut',
      inputs: { x: { shape: [2, 8, 8, 3], dtype: 'float32' } },
      body: ({ x }, scope) => ({
        whole: applyNetwork(network, scope, x),
        cut: applyNetwork(network, scope, applyNetwork(network, scope, x, { to: 'two' }), { from: 'two' }),
      }),
    };
    const compiled = await executor.compile(program, parameters);
    const x = Float32Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => Math.sin(i));
    const { whole, cut } = await compiled.run({ x });
    expect(whole.shape).toEqual([2, 3]);
    expect(cut.data).toEqual(whole.data);
    await compiled.dispose();
  });

  it('starts from the same weights for the same seed, and others for another', () => {
    const network = tiny();
    const hash = (seed: number): string => initialiseParameters(network, seed).hash();
    expect(hash(1)).toBe(hash(1));
    expect(hash(1)).not.toBe(hash(2));
    expect(initialiseParameters(network, 1).count).toBe(countParameters(network));
  });

  it('is refused when a layer reaches across a stage', () => {
    const network = tiny();
    const layers = network.layers.map((layer) =>
      layer.name === 'predictions' ? { ...layer, inputs: ['one_relu'] } : layer,
    );
    expect(() => checkNetwork({ ...network, layers })).toThrow(/crosses a stage boundary/);
  });
});

describe('a freeze plan', () => {
  const network = build('starter', 64, 4);

  it.each([
    ['feature-extraction', 'pool', ['predictions']],
    ['last-stage', 'stage3', ['predictions', 'stage4_block2_2_conv']],
    ['full', null, ['predictions', 'stem_conv']],
  ] as const)('%s cuts after %s', (preset, cut, learning) => {
    const plan = planFreeze(network, { preset });
    expect(plan.cut).toBe(cut);
    for (const layer of learning) expect(plan.trainableLayers.has(layer)).toBe(true);
  });

  it('freezes up to a stage, that one included', () => {
    const plan = planFreeze(network, { freezeUntil: 'stage2' });
    expect(plan.cut).toBe('stage2');
    expect(plan.trainableLayers.has('stage2_block2_2_conv')).toBe(false);
    expect(plan.trainableLayers.has('stage3_block1_0_bn')).toBe(true);
  });

  it('cuts before the first layer chosen by hand, and leaves the frozen ones behind it still', () => {
    const plan = planFreeze(network, { trainableLayers: ['stage3_block1_1_conv'] });
    expect(plan.cut).toBe('stage2');
    expect(trainableParameters(network, plan)).toEqual([
      'stage3_block1_1_conv/kernel',
      'predictions/kernel',
      'predictions/bias',
    ]);
  });

  it('lowers the rate by a factor for each stage that learns', () => {
    const { stageFactors } = planFreeze(network, { freezeUntil: 'stem' }, 0.5);
    expect(['head', 'stage4', 'stage3', 'stage1'].map((stage) => stageFactors.get(stage))).toEqual([
      1, 1, 0.5, 0.125,
    ]);
  });

  it('never lets moving statistics learn', () => {
    const names = trainableParameters(network, planFreeze(network, { preset: 'full' }));
    expect(names.some((name) => name.includes('moving'))).toBe(false);
    expect(names).toContain('stem_bn/gamma');
  });

  it('lists every layer for the report, and its parameters add up', () => {
    const rows = freezeMap(network, planFreeze(network, { freezeUntil: 'stage3' }));
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(countParameters(network));
    expect(rows.find(({ layer }) => layer === 'stem_conv')).toEqual({
      stage: 'stem',
      layer: 'stem_conv',
      kind: 'conv2d',
      outputShape: [32, 32, 32],
      parameters: 864,
      trainable: false,
    });
  });

  it('names the stages there are when one is unknown', () => {
    expect(() => planFreeze(network, { freezeUntil: 'stage9' })).toThrow(/one of stem, stage1.*"stage9"/);
  });
});

function tiny(): Network {
  const b = new NetworkBuilder('tiny', [8, 8, 3], 'one', { epsilon: 1e-3, momentum: 0.9 });
  b.conv2d('one_conv', 4, 3, { strides: 2 });
  b.normalize('one_bn');
  b.activate('one_relu');
  b.stage('two');
  b.conv2d('two_conv', 4, 3);
  b.sum('two_add', 'one_relu', 'two_conv');
  b.stage('three');
  b.conv2d('three_conv', 6, 1);
  b.activate('three_relu', 'relu6');
  b.head(2);
  return b.build();
}
