import { z } from 'zod';

/**
 * What images have to be for a network, by the names that people use: `torch` has ImageNet's mean taken and is divided by its
 * deviation, `tf` is −1 … 1, `caffe` blue first, 0 … 255 less a mean, `xrv` −1024 … 1024 (TorchXRayVision), `unit` 0 … 1, `bytes` 0 … 255
 * (networks that scale their images themselves).
 */
export const preprocessingNames = ['torch', 'tf', 'caffe', 'xrv', 'unit', 'bytes'] as const;
export type PreprocessingName = (typeof preprocessingNames)[number];

/** What a person may say of a weights file that it does not say itself. */
export const weightOptions = z.object({
  /** Name of the architecture in the library. Default: found by names and shapes. */
  architecture: z.string().optional(),
  /** Default: what the architecture's weights of that framework usually want. */
  preprocessing: z.enum(preprocessingNames).optional(),
  /** Sums the first convolution over its channels, for grey images. */
  oneChannel: z.boolean().default(false),
  /** Takes the network that the file describes even where the library has it. Only files that describe one. */
  ownGraph: z.boolean().default(false),
});
export type WeightOptions = z.output<typeof weightOptions>;

/** A network that a file describes itself, as Graft has it. */
export interface GraphReport {
  /** What describes it, in words: "pytorch 2.4, ONNX opset 17". */
  source: string;
  /** Nodes of the file's graph. */
  nodes: number;
  /** Layers with weights: what can be frozen one by one. */
  layers: number;
  /** From the input to the head: what `freezeUntil` can name. */
  stages: string[];
  /** Whether images have to have its own size. */
  fixedSize: boolean;
}

/** What Graft makes of a weights file. */
export interface WeightReport {
  /** In words: "PyTorch (.pth, .pt)". */
  format: string;
  /** Name and title in the library, or of the network that the file describes. */
  architecture: string;
  title: string;
  /** Whose names the arrays have: "torchvision or timm". */
  naming: string;
  /** Arrays that are used, of those in the file. */
  matched: number;
  arrays: number;
  /** Numbers of the network, head included. */
  parameters: number;
  /** Arrays that nothing wants, in the file's order. */
  unmatched: string[];
  /** Arrays that were changed to fit, and how. */
  adapted: { name: string; how: string }[];
  channels: number;
  inputSize: number;
  preprocessing: PreprocessingName;
  /** Whether the preprocessing was said, or is what such weights usually want. */
  preprocessingGiven: boolean;
  /** Classes of the last layer, which transfer learning replaces; null where there is none that fits. */
  classes: number | null;
  /** Set where the network is the file's own and none of the library. */
  graph?: GraphReport;
}
