import type { FrameHeader } from '../contract/resources.ts';
import { decodeFrame, displayValues, modalityValues, type DecodedFrame } from '../dicom/index.ts';
import { encodePng } from '../platform/png.ts';
import { serveTasks } from '../platform/worker-pool.ts';
import { resizePicture } from './resize.ts';

export interface PictureTask {
  kind: 'frame' | 'thumbnail';
  path: string;
  frameIndex: number;
  /** Longest side of a thumbnail, pixels. */
  side: number;
  /** Spacing between rows ÷ spacing between columns. */
  pixelAspect: number;
}

export type DecodedHeader = Omit<FrameHeader, 'instanceId' | 'rowSpacing' | 'columnSpacing'>;

export interface PictureResult {
  body: Uint8Array;
  /** Of a frame only. */
  header: DecodedHeader | null;
}

serveTasks<PictureTask, PictureResult>(async (task) => {
  const frame = await decodeFrame(task.path, task.frameIndex);
  return task.kind === 'frame' ? wholeFrame(frame) : { body: thumbnail(frame, task), header: null };
});

/** A small picture under the file's own window, in its physical shape. */
function thumbnail(frame: DecodedFrame, { side, pixelAspect }: PictureTask): Uint8Array {
  const { rows, columns, samplesPerPixel } = frame;
  const tall = rows * pixelAspect;
  const scale = Math.min(1, side / Math.max(tall, columns));
  const height = Math.max(1, Math.round(tall * scale));
  const width = Math.max(1, Math.round(columns * scale));
  const picture = { rows, columns, samples: samplesPerPixel, values: displayValues(frame) };
  const resized = resizePicture(picture, pixelAspect, { height, width, resize: 'stretch' });
  const bytes = Uint8Array.from(resized, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  return encodePng(bytes, width, height, samplesPerPixel);
}

function wholeFrame(frame: DecodedFrame): PictureResult {
  const { grayscale, samplesPerPixel } = frame;
  const { values, type, slope, intercept } = samplesPerPixel === 3 ? colour(frame) : grey(frame);
  let smallest = Infinity;
  let largest = -Infinity;
  for (let at = 0; at < values.length; at++) {
    if (values[at] < smallest) smallest = values[at];
    if (values[at] > largest) largest = values[at];
  }
  return {
    body: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    header: {
      frameIndex: frame.frameIndex,
      rows: frame.rows,
      columns: frame.columns,
      samplesPerPixel,
      type,
      inverted: frame.photometricInterpretation === 'MONOCHROME1',
      slope,
      intercept,
      windows: grayscale.windows,
      smallest,
      largest,
    },
  };
}

type Values = Uint8Array | Int16Array | Uint16Array | Float32Array;
type Stored = Pick<DecodedHeader, 'type' | 'slope' | 'intercept'> & { values: Values };

/** Stored values with slope and intercept where they fit 16 bits; modality values as float32 where not. */
function grey(frame: DecodedFrame): Stored {
  const { rescale, modalityLut } = frame.grayscale;
  const { slope, intercept } = rescale ?? { slope: 1, intercept: 0 };
  const { data } = frame;
  if (!modalityLut) {
    if (data instanceof Uint8Array) return { values: data, type: 'uint8', slope, intercept };
    if (data instanceof Uint16Array) return { values: data, type: 'uint16', slope, intercept };
    if (data instanceof Int16Array) return { values: data, type: 'int16', slope, intercept };
    if (data instanceof Int8Array) return { values: Int16Array.from(data), type: 'int16', slope, intercept };
  }
  return { values: modalityValues(frame), type: 'float32', slope: 1, intercept: 0 };
}

/** Eight bits a sample, as a screen has them. */
function colour(frame: DecodedFrame): Stored {
  const most = 2 ** frame.bitsStored - 1;
  const values =
    frame.data instanceof Uint8Array && most === 255
      ? frame.data
      : Uint8Array.from(frame.data, (value) => Math.round((255 * Math.min(most, Math.max(0, value))) / most));
  return { values, type: 'uint8', slope: 1, intercept: 0 };
}
