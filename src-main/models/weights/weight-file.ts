import type { ForeignGraph } from '../graph/foreign-layer.ts';

/** Formats of weight files that people have. */
export const weightFormats = [
  'safetensors',
  'pytorch',
  'keras-h5',
  'keras-v3',
  'onnx',
  'tfjs-layers',
  'tfjs-graph',
] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** One array of a weight file: known by name and shape at once, its numbers read when they are asked for. */
export interface FileTensor {
  /** As the file names it, with the file's own separators. */
  name: string;
  /** As the file has it: PyTorch's convolution filters are `[out, in, height, width]`, Keras's `[height, width, in, out]`. */
  shape: readonly number[];
  /**
   * The numbers as float32 in row-major order, whatever the file stores (half, bfloat16, quantised, integers).
   *
   * @throws GraftError `weights-file` when the file ends before them
   */
  read(): Float32Array;
}

/** A network that a file describes beside its arrays. */
export interface FileGraph {
  /** What describes it, in words: "pytorch 2.4, ONNX opset 17". */
  source: string;
  /** What its names end in: `-onnx`. */
  suffix: string;
  /** Nodes of the file. */
  nodes: number;
  /** `[height, width]` that the file names; null where it takes any. */
  inputSize: readonly [number, number] | null;
  /** Whether arrays of the file's own names may be those of a network of the library: not where normalisation was folded into them. */
  keepsNames: boolean;
  /**
   * The network for images of a size, of channels as the file has them.
   *
   * @throws GraftError `graph-unsupported` naming what Graft cannot do, `network-shapes`, `weights-file`
   */
  read(size: readonly [number, number]): ForeignGraph;
}

/** What a reader makes of a weight file: nothing in it was executed, nothing of it was trusted. */
export interface WeightFile {
  /** The file as the person has it. */
  path: string;
  /** Other files that belong to it, where its numbers do not all lie in the first. */
  parts?: readonly string[];
  format: WeightFormat;
  /** Which layout and naming its tensors follow. */
  family: 'keras' | 'pytorch' | 'graph';
  /** In the file's order. */
  tensors: ReadonlyMap<string, FileTensor>;
  /** The network, where the file describes it. */
  graph?: FileGraph;
  /** What the file says of itself: framework version, class names, a saved model's configuration. */
  metadata: Record<string, unknown>;
  /** Frees the file's handles. Tensors cannot be read afterwards. */
  close(): void;
}
