import type { DecodedFrame, DisplayOptions, LookupTable, VoiFunction } from './types.ts';

/**
 * Modality values, e.g. Hounsfield units: stored values through the modality LUT, or slope and intercept
 * (PS3.3 C.11.1). Colour comes back as it is.
 */
export function modalityValues(frame: DecodedFrame): Float32Array {
  const out = new Float32Array(frame.data.length);
  const { rescale, modalityLut } = frame.grayscale;
  if (frame.samplesPerPixel === 3) out.set(frame.data);
  else if (modalityLut) frame.data.forEach((value, index) => (out[index] = lookUp(modalityLut, value)));
  else {
    const { slope, intercept } = rescale ?? { slope: 1, intercept: 0 };
    for (let index = 0; index < out.length; index++) out[index] = slope * frame.data[index] + intercept;
  }
  return out;
}

/**
 * A frame in [0, 1], 0 black: rows × columns × samplesPerPixel. MONOCHROME1 is inverted, so that bright is always much;
 * padding is black. Colour is divided by the largest value its bits can hold.
 *
 * @example
 * const picture = displayValues(await decodeFrame(path, 0), { voi: 'percentile', percentiles: [1, 99] });
 */
export function displayValues(frame: DecodedFrame, options: DisplayOptions = {}): Float32Array {
  const values = modalityValues(frame);
  if (frame.samplesPerPixel === 3) {
    const most = 2 ** frame.bitsStored - 1;
    return values.map((value) => Math.min(1, Math.max(0, value / most)));
  }
  const hidden = paddingMask(frame);
  applyVoi(values, frame, options, hidden);
  if (frame.photometricInterpretation === 'MONOCHROME1') {
    for (let index = 0; index < values.length; index++) values[index] = 1 - values[index];
  }
  hidden?.forEach((is, index) => {
    if (is) values[index] = 0;
  });
  return values;
}

function applyVoi(
  values: Float32Array,
  frame: DecodedFrame,
  options: DisplayOptions,
  hidden: Uint8Array | null,
): void {
  const voi = options.voi ?? 'file';
  const index = options.windowIndex ?? 0;
  const { windows, voiLuts, voiFunction } = frame.grayscale;
  if (typeof voi === 'object') return applyWindow(values, voi.center, voi.width, voi.function ?? 'LINEAR');
  if (voi === 'file' && voiLuts.length > 0) {
    const table = voiLuts[Math.min(index, voiLuts.length - 1)];
    const most = 2 ** table.bits - 1;
    values.forEach((value, at) => (values[at] = Math.min(1, lookUp(table, Math.round(value)) / most)));
    return;
  }
  if (voi === 'file' && windows.length > 0) {
    const { center, width } = windows[Math.min(index, windows.length - 1)];
    return applyWindow(values, center, width, voiFunction);
  }
  const [low, high] =
    voi === 'percentile'
      ? percentiles(values, hidden, options.percentiles ?? [0.5, 99.5])
      : range(values, hidden);
  const scale = high > low ? 1 / (high - low) : 0;
  for (let at = 0; at < values.length; at++) {
    values[at] = Math.min(1, Math.max(0, (values[at] - low) * scale));
  }
}

/** A window in place, PS3.3 C.11.2.1.2 and C.11.2.1.3, output 0 to 1. */
export function applyWindow(
  values: Float32Array,
  center: number,
  width: number,
  voiFunction: VoiFunction,
): void {
  const curve = windowCurve(center, width, voiFunction);
  for (let index = 0; index < values.length; index++) values[index] = curve(values[index]);
}

function windowCurve(center: number, width: number, voiFunction: VoiFunction): (value: number) => number {
  if (voiFunction === 'SIGMOID') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const exact = voiFunction === 'LINEAR_EXACT';
  const middle = exact ? center : center - 0.5;
  const span = exact ? width : width - 1;
  return (value) => {
    if (value <= middle - span / 2) return 0;
    if (value > middle + span / 2) return 1;
    return (value - middle) / span + 0.5;
  };
}

function lookUp(table: LookupTable, value: number): number {
  const index = value - table.firstMapped;
  return table.values[index <= 0 ? 0 : Math.min(table.values.length - 1, index)];
}

function paddingMask(frame: DecodedFrame): Uint8Array | null {
  const { padding } = frame.grayscale;
  if (!padding) return null;
  return Uint8Array.from(frame.data, (value) => (value >= padding.from && value <= padding.to ? 1 : 0));
}

function range(values: Float32Array, hidden: Uint8Array | null): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index++) {
    if (hidden?.[index]) continue;
    if (values[index] < low) low = values[index];
    if (values[index] > high) high = values[index];
  }
  return low <= high ? [low, high] : [0, 0];
}

/** Percentiles with linear interpolation between neighbours, as numpy's default; NaN left out. */
function percentiles(
  values: Float32Array,
  hidden: Uint8Array | null,
  [low, high]: [number, number],
): [number, number] {
  const shown = values.filter((value, index) => !hidden?.[index] && !Number.isNaN(value)).sort();
  if (shown.length === 0) return [0, 0];
  const at = (percent: number): number => {
    const place = (Math.min(100, Math.max(0, percent)) / 100) * (shown.length - 1);
    const below = Math.floor(place);
    const above = Math.min(shown.length - 1, below + 1);
    return shown[below] + (shown[above] - shown[below]) * (place - below);
  };
  return [at(low), at(high)];
}
