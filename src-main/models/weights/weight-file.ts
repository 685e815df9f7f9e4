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
  /** What the file says of itself: framework version, class names, a saved model's configuration. */
  metadata: Record<string, unknown>;
  /** Frees the file's handles. Tensors cannot be read afterwards. */
  close(): void;
}
