import type { FrameHeader } from '../../src-main/contract/resources.ts';
import { GraftError } from '../../src-main/contract/errors.ts';

export type FrameValues = Uint8Array | Int16Array | Uint16Array | Float32Array;

/** One decoded frame: what contract/resources.ts promises. */
export interface Frame {
  header: FrameHeader;
  values: FrameValues;
}

const VIEWS = {
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  float32: Float32Array,
} as const;

/** @throws GraftError what the application says of an image that it cannot decode */
export async function fetchFrame(instanceId: number, frameIndex: number): Promise<Frame> {
  const response = await fetch(`./frames/${instanceId}/${frameIndex}`);
  if (!response.ok) {
    const { code, message } = (await response.json()) as { code: string; message: string };
    throw new GraftError(code, message);
  }
  const header = JSON.parse(decodeURIComponent(response.headers.get('x-graft-frame')!)) as FrameHeader;
  return { header, values: new VIEWS[header.type](await response.arrayBuffer()) };
}

/** A window in modality units. */
export interface WindowLevel {
  center: number;
  width: number;
}

/**
 * The window that a frame is first shown with: its file's own, else from the 0.5th to the 99.5th percentile of its
 * values, estimated from a sample.
 */
export function defaultWindow({ header, values }: Frame): WindowLevel {
  const [first] = header.windows;
  if (first) return { center: first.center, width: first.width };
  return percentileWindow({ header, values }, 0.5, 99.5);
}

export function percentileWindow({ header, values }: Frame, low: number, high: number): WindowLevel {
  const every = Math.max(1, Math.floor(values.length / 20_000));
  const sample = Float32Array.from(
    { length: Math.floor(values.length / every) },
    (_, at) => values[at * every],
  );
  sample.sort();
  const at = (percent: number): number =>
    header.slope * sample[Math.round((percent / 100) * (sample.length - 1))] + header.intercept;
  const [from, to] = [at(low), at(high)];
  return { center: (from + to) / 2, width: Math.max(1e-6, to - from) };
}
