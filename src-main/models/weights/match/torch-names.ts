import { torchvisionLayer } from '../../architectures/resnet.ts';
import type { Naming } from './naming.ts';

/** Repeats of the blocks between stem and last convolution, as timm groups them. */
const GROUPS: Record<string, readonly number[]> = {
  mobilenet_v2: [1, 2, 3, 4, 3, 3, 1],
  efficientnet_b0: [1, 2, 2, 3, 3, 4, 1],
};

const WEIGHTS: Record<string, string> = {
  kernel: 'weight',
  depthwise_kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** The names in torchvision and timm of an architecture's weights; none where PyTorch's world has no such network. */
export function torchNamings(architecture: string): Naming[] {
  return layerNamings(architecture).map((naming) => ({
    ...naming,
    separator: '.',
    weights: ({ weight }) => [WEIGHTS[weight]],
  }));
}

function layerNamings(architecture: string): Pick<Naming, 'source' | 'layer'>[] {
  switch (architecture) {
    case 'resnet18':
    case 'resnet34':
    case 'resnet50':
      return [
        { source: 'torchvision or timm', layer: torchvisionLayer },
        { source: 'RadImageNet', layer: (name) => numbered(torchvisionLayer(name), RESNET_CHILDREN) },
      ];
    case 'densenet121':
      return [
        { source: 'torchvision or TorchXRayVision', layer: densenet },
        {
          source: 'torchvision of 2017',
          layer: (name) => densenet(name)?.replace(/(norm|conv)([12])$/, '$1.$2') ?? null,
        },
        { source: 'RadImageNet', layer: (name) => densenet(name)?.replace(/^features\./, '0.') ?? null },
      ];
    case 'mobilenet_v2':
      return [
        { source: 'torchvision', layer: mobilenet },
        { source: 'timm', layer: timmMobilenet },
      ];
    case 'efficientnet_b0':
      return [
        { source: 'torchvision', layer: efficientnet },
        { source: 'timm', layer: timmEfficientnet },
      ];
    case 'inception_v3':
      return [
        { source: 'torchvision or timm', layer: inception },
        { source: 'RadImageNet', layer: (name) => numbered(inception(name), INCEPTION_CHILDREN) },
        { source: 'RadImageNet', layer: (name) => numbered(inception(name), INCEPTION_CHILDREN_WITHOUT_AUX) },
      ];
    case 'vgg16':
      return [{ source: 'torchvision or timm', layer: vgg([2, 2, 3, 3, 3]) }];
    case 'vgg19':
      return [{ source: 'torchvision or timm', layer: vgg([2, 2, 4, 4, 4]) }];
    default:
      return [];
  }
}

/** RadImageNet keeps its networks as a list of their parts: each is called by its place. */
function numbered(name: string | null, children: readonly string[]): string | null {
  if (name === null) return null;
  const [first, ...rest] = name.split('.');
  const at = children.indexOf(first);
  return at < 0 ? null : [at, ...rest].join('.');
}

const RESNET_CHILDREN = ['conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4'];
const INCEPTION_STEM = [
  'Conv2d_1a_3x3',
  'Conv2d_2a_3x3',
  'Conv2d_2b_3x3',
  'maxpool1',
  'Conv2d_3b_1x1',
  'Conv2d_4a_3x3',
  'maxpool2',
];
const INCEPTION_MIXED = ['5b', '5c', '5d', '6a', '6b', '6c', '6d', '6e'].map((part) => `Mixed_${part}`);
const INCEPTION_LAST = ['7a', '7b', '7c'].map((part) => `Mixed_${part}`);
const INCEPTION_CHILDREN = [...INCEPTION_STEM, ...INCEPTION_MIXED, 'AuxLogits', ...INCEPTION_LAST];
const INCEPTION_CHILDREN_WITHOUT_AUX = [...INCEPTION_STEM, ...INCEPTION_MIXED, ...INCEPTION_LAST];

function densenet(name: string): string | null {
  const fixed: Record<string, string> = {
    conv1_conv: 'features.conv0',
    conv1_bn: 'features.norm0',
    bn: 'features.norm5',
    predictions: 'classifier',
  };
  if (fixed[name]) return fixed[name];
  const transition = /^pool(\d)_(bn|conv)$/.exec(name);
  if (transition)
    return `features.transition${Number(transition[1]) - 1}.${transition[2] === 'bn' ? 'norm' : 'conv'}`;
  const [, stage, block, part] = /^conv(\d)_block(\d+)_(0_bn|1_conv|1_bn|2_conv)$/.exec(name) ?? [];
  if (stage === undefined) return null;
  const inBlock = { '0_bn': 'norm1', '1_conv': 'conv1', '1_bn': 'norm2', '2_conv': 'conv2' }[part]!;
  return `features.denseblock${Number(stage) - 1}.denselayer${block}.${inBlock}`;
}

function mobilenet(name: string): string | null {
  const fixed: Record<string, string> = {
    Conv1: 'features.0.0',
    bn_Conv1: 'features.0.1',
    expanded_conv_depthwise: 'features.1.conv.0.0',
    expanded_conv_depthwise_BN: 'features.1.conv.0.1',
    expanded_conv_project: 'features.1.conv.1',
    expanded_conv_project_BN: 'features.1.conv.2',
    Conv_1: 'features.18.0',
    Conv_1_bn: 'features.18.1',
    predictions: 'classifier.1',
  };
  if (fixed[name]) return fixed[name];
  const [, block, part] = /^block_(\d+)_(.+)$/.exec(name) ?? [];
  const inBlock = {
    expand: '0.0',
    expand_BN: '0.1',
    depthwise: '1.0',
    depthwise_BN: '1.1',
    project: '2',
    project_BN: '3',
  }[part ?? ''];
  return inBlock === undefined ? null : `features.${Number(block) + 1}.conv.${inBlock}`;
}

/** timm counts blocks in groups: the n-th block is `blocks.GROUP.PLACE`. */
function timmBlock(architecture: string, block: number): string {
  let rest = block;
  const group = GROUPS[architecture].findIndex((repeats) => {
    if (rest < repeats) return true;
    rest -= repeats;
    return false;
  });
  return `blocks.${group}.${rest}`;
}

function timmMobilenet(name: string): string | null {
  const first = timmBlock('mobilenet_v2', 0);
  const fixed: Record<string, string> = {
    Conv1: 'conv_stem',
    bn_Conv1: 'bn1',
    expanded_conv_depthwise: `${first}.conv_dw`,
    expanded_conv_depthwise_BN: `${first}.bn1`,
    expanded_conv_project: `${first}.conv_pw`,
    expanded_conv_project_BN: `${first}.bn2`,
    Conv_1: 'conv_head',
    Conv_1_bn: 'bn2',
    predictions: 'classifier',
  };
  if (fixed[name]) return fixed[name];
  const [, block, part] = /^block_(\d+)_(.+)$/.exec(name) ?? [];
  const inBlock = {
    expand: 'conv_pw',
    expand_BN: 'bn1',
    depthwise: 'conv_dw',
    depthwise_BN: 'bn2',
    project: 'conv_pwl',
    project_BN: 'bn3',
  }[part ?? ''];
  return inBlock === undefined ? null : `${timmBlock('mobilenet_v2', Number(block))}.${inBlock}`;
}

/** Stage and place of a block of EfficientNet: `block3b_dwconv` → 3, 1, dwconv. */
function efficientnetBlock(name: string): { stage: number; place: number; part: string } | null {
  const [, stage, letter, part] = /^block(\d)([a-d])_(.+)$/.exec(name) ?? [];
  return stage === undefined ? null : { stage: Number(stage), place: 'abcd'.indexOf(letter), part };
}

function efficientnet(name: string): string | null {
  const fixed: Record<string, string> = {
    stem_conv: 'features.0.0',
    stem_bn: 'features.0.1',
    top_conv: 'features.8.0',
    top_bn: 'features.8.1',
    predictions: 'classifier.1',
  };
  if (fixed[name]) return fixed[name];
  const block = efficientnetBlock(name);
  if (!block) return null;
  // The first block has no expansion: what comes after it moves up.
  const up = block.stage === 1 ? 1 : 0;
  const inBlock = {
    expand_conv: '0.0',
    expand_bn: '0.1',
    dwconv: `${1 - up}.0`,
    bn: `${1 - up}.1`,
    se_reduce: `${2 - up}.fc1`,
    se_expand: `${2 - up}.fc2`,
    project_conv: `${3 - up}.0`,
    project_bn: `${3 - up}.1`,
  }[block.part];
  return inBlock === undefined ? null : `features.${block.stage}.${block.place}.block.${inBlock}`;
}

function timmEfficientnet(name: string): string | null {
  const fixed: Record<string, string> = {
    stem_conv: 'conv_stem',
    stem_bn: 'bn1',
    top_conv: 'conv_head',
    top_bn: 'bn2',
    predictions: 'classifier',
  };
  if (fixed[name]) return fixed[name];
  const block = efficientnetBlock(name);
  if (!block) return null;
  const expands = block.stage > 1;
  const inBlock = {
    expand_conv: 'conv_pw',
    expand_bn: 'bn1',
    dwconv: 'conv_dw',
    bn: expands ? 'bn2' : 'bn1',
    se_reduce: 'se.conv_reduce',
    se_expand: 'se.conv_expand',
    project_conv: expands ? 'conv_pwl' : 'conv_pw',
    project_bn: expands ? 'bn3' : 'bn2',
  }[block.part];
  return inBlock === undefined ? null : `blocks.${block.stage - 1}.${block.place}.${inBlock}`;
}

const MIXED_35 = [
  'branch1x1',
  'branch5x5_1',
  'branch5x5_2',
  'branch3x3dbl_1',
  'branch3x3dbl_2',
  'branch3x3dbl_3',
  'branch_pool',
];
const MIXED_17 = [
  'branch1x1',
  ...[1, 2, 3].map((at) => `branch7x7_${at}`),
  ...[1, 2, 3, 4, 5].map((at) => `branch7x7dbl_${at}`),
  'branch_pool',
];
const MIXED_8 = [
  'branch1x1',
  'branch3x3_1',
  'branch3x3_2a',
  'branch3x3_2b',
  'branch3x3dbl_1',
  'branch3x3dbl_2',
  'branch3x3dbl_3a',
  'branch3x3dbl_3b',
  'branch_pool',
];
/** Convolutions of InceptionV3 in the order in which Keras makes, and numbers, them. */
const INCEPTION = [
  ...INCEPTION_STEM.filter((name) => name.startsWith('Conv')),
  ...['5b', '5c', '5d'].flatMap((mixed) => MIXED_35.map((branch) => `Mixed_${mixed}.${branch}`)),
  ...['branch3x3', 'branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3'].map(
    (branch) => `Mixed_6a.${branch}`,
  ),
  ...['6b', '6c', '6d', '6e'].flatMap((mixed) => MIXED_17.map((branch) => `Mixed_${mixed}.${branch}`)),
  ...['branch3x3_1', 'branch3x3_2', ...[1, 2, 3, 4].map((at) => `branch7x7x3_${at}`)].map(
    (branch) => `Mixed_7a.${branch}`,
  ),
  ...['7b', '7c'].flatMap((mixed) => MIXED_8.map((branch) => `Mixed_${mixed}.${branch}`)),
];

function inception(name: string): string | null {
  if (name === 'predictions') return 'fc';
  const [, kind, number = '0'] = /^(conv2d|batch_normalization)(?:_(\d+))?$/.exec(name) ?? [];
  if (kind === undefined) return null;
  return `${INCEPTION[Number(number)]}.${kind === 'conv2d' ? 'conv' : 'bn'}`;
}

/** `features.N`, where N counts convolutions, ReLUs and pools. */
const vgg =
  (convolutions: readonly number[]) =>
  (name: string): string | null => {
    const [, block, at] = /^block(\d)_conv(\d)$/.exec(name) ?? [];
    if (block === undefined) return null;
    const before = convolutions.slice(0, Number(block) - 1).reduce((sum, count) => sum + 2 * count + 1, 0);
    return `features.${before + 2 * (Number(at) - 1)}`;
  };
