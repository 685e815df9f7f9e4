// From a DICOM file to what the model is fed: the steps of Graft, number by number.
import dicomParser from 'dicom-parser';

const NATIVE = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];
const refuse = (what) => {
  throw new Error(`Expected ${what}. predict.py reads more kinds of files; or decompress it first, with dcmdjpeg or dcmdjpls.`);
};

/** Bytes of a DICOM file → height × width × channels numbers in [0, 1], rows first, 0 black. */
export function prepareImage(bytes, preprocessing) {
  const set = dicomParser.parseDicom(bytes);
  const picture = displayValues(set, preprocessing.intensity, preprocessing.channels);
  const spacing = floats(set, 'x00280030').length === 2 ? floats(set, 'x00280030') : floats(set, 'x00181164');
  const aspect = spacing[0] > 0 && spacing[1] > 0 ? spacing[0] / spacing[1] : 1;
  const resized = resize(picture, aspect, preprocessing);
  const repeat = preprocessing.channels / picture.samples;
  // Graft keeps images as whole numbers of 65535ths.
  return Float32Array.from({ length: resized.length * repeat }, (_, at) => {
    const value = Math.min(1, Math.max(0, resized[Math.floor(at / repeat)]));
    return Math.round(value * 65535) / 65535;
  });
}

const floats = (set, tag) => (set.string(tag) ?? '').split('\\').map(Number.parseFloat).filter(Number.isFinite);

function displayValues(set, intensity, channels) {
  const syntax = set.string('x00020010') ?? '1.2.840.10008.1.2.1';
  const photometric = set.string('x00280004') ?? 'MONOCHROME2';
  if (!NATIVE.includes(syntax)) refuse(`pixels without compression, found transfer syntax ${syntax}`);
  if (!['MONOCHROME1', 'MONOCHROME2', 'RGB'].includes(photometric)) refuse(`grey or RGB pixels, found ${photometric}`);
  if (set.elements.x00283000 || set.elements.x52009229) refuse('a rescale slope of the image, found a modality table or functional groups');
  if (intensity.kind === 'voi' && set.elements.x00283010) refuse('a window, found a table of values of interest');
  const [rows, columns, allocated, stored] = ['x00280010', 'x00280011', 'x00280100', 'x00280101'].map((tag) => set.uint16(tag));
  const samples = set.uint16('x00280002') ?? 1;
  const data = storedValues(set, rows * columns * samples, allocated, stored);
  if (samples === 3) return colour(data, rows, columns, stored, set.uint16('x00280006') === 1, channels);
  const slope = floats(set, 'x00281053')[0] || 1;
  const intercept = floats(set, 'x00281052')[0] ?? 0;
  const values = Float32Array.from(data, (value) => slope * value + intercept);
  const hidden = paddingOf(set, data);
  applyIntensity(values, hidden, set, intensity);
  for (let at = 0; at < values.length; at++) {
    if (photometric === 'MONOCHROME1') values[at] = 1 - values[at];
    if (hidden?.[at]) values[at] = 0;
  }
  return { rows, columns, samples: 1, values };
}

/** Of files with several frames the one in the middle. */
function storedValues(set, count, allocated, stored) {
  const signed = set.uint16('x00280103') === 1;
  const high = set.uint16('x00280102') ?? stored - 1;
  const frame = Math.floor(Number(set.string('x00280008') ?? 1) / 2);
  const { dataOffset } = set.elements.x7fe00010;
  const view = new DataView(set.byteArray.buffer, set.byteArray.byteOffset + dataOffset + (frame * count * allocated) / 8);
  const shift = 32 - stored;
  return Float64Array.from({ length: count }, (_, at) => {
    const word = allocated === 8 ? view.getUint8(at) : view.getUint16(2 * at, true);
    const bits = (word >>> (high + 1 - stored)) << shift;
    return signed ? bits >> shift : bits >>> shift;
  });
}

function colour(data, rows, columns, stored, planar, channels) {
  const most = 2 ** stored - 1;
  const pixels = rows * columns;
  const at = (pixel, sample) => Math.fround(Math.min(1, data[planar ? sample * pixels + pixel : 3 * pixel + sample] / most));
  const luma = [0.299, 0.587, 0.114];
  const values = new Float32Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let sample = 0; sample < 3; sample++)
      if (channels === 3) values[3 * pixel + sample] = at(pixel, sample);
      else values[pixel] += luma[sample] * at(pixel, sample);
  return { rows, columns, samples: channels, values };
}

function paddingOf(set, data) {
  if (!set.elements.x00280120) return null;
  const read = (tag) => (set.uint16('x00280103') === 1 ? set.int16(tag) : set.uint16(tag));
  const value = read('x00280120');
  const limit = set.elements.x00280121 ? read('x00280121') : value;
  const [from, to] = [Math.min(value, limit), Math.max(value, limit)];
  return Uint8Array.from(data, (one) => (one >= from && one <= to ? 1 : 0));
}

function applyIntensity(values, hidden, set, intensity) {
  const [center] = floats(set, 'x00281050');
  const [width] = floats(set, 'x00281051');
  if (intensity.kind === 'window') return applyWindow(values, intensity.center, intensity.width, 'LINEAR');
  if (intensity.kind === 'voi' && center !== undefined && width > 0)
    return applyWindow(values, center, width, set.string('x00281056') ?? 'LINEAR');
  const shown = values.filter((_, at) => !hidden?.[at]).sort();
  const place = (percent) => {
    const exact = (percent / 100) * (shown.length - 1);
    const below = Math.floor(exact);
    const above = Math.min(shown.length - 1, below + 1);
    return shown[below] + (shown[above] - shown[below]) * (exact - below);
  };
  const [low, high] = intensity.kind === 'percentile' ? [place(intensity.low), place(intensity.high)] : [shown[0], shown.at(-1)];
  const scale = high > low ? 1 / (high - low) : 0;
  for (let at = 0; at < values.length; at++) values[at] = Math.min(1, Math.max(0, (values[at] - low) * scale));
}

function applyWindow(values, center, width, curve) {
  const middle = curve === 'LINEAR_EXACT' ? center : center - 0.5;
  const span = curve === 'LINEAR_EXACT' ? width : width - 1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (curve === 'SIGMOID') values[at] = 1 / (1 + Math.exp((-4 * (value - center)) / width));
    else if (value <= middle - span / 2) values[at] = 0;
    else if (value > middle + span / 2) values[at] = 1;
    else values[at] = (value - middle) / span + 0.5;
  }
}

/** Averages over the area that each output covers when shrinking, linear between two when enlarging. */
function axisWeights(inputs, outputs, start, length) {
  const scale = length / outputs;
  return Array.from({ length: outputs }, (_, output) => {
    if (scale <= 1) {
      const center = Math.min(inputs - 1, Math.max(0, start + (output + 0.5) * scale - 0.5));
      const low = Math.min(inputs - 1, Math.floor(center));
      const share = center - low;
      return share > 0 && low + 1 < inputs ? [low, [Math.fround(1 - share), Math.fround(share)]] : [low, [1]];
    }
    const from = start + output * scale;
    const to = Math.min(inputs, from + scale);
    const low = Math.min(inputs - 1, Math.floor(from + 1e-9));
    const high = Math.max(low + 1, Math.min(inputs, low + Math.ceil(scale) + 1, Math.ceil(to - 1e-9)));
    const covered = Array.from({ length: high - low }, (_, at) => Math.max(0, Math.min(to, low + at + 1) - Math.max(from, low + at)));
    const total = covered.reduce((sum, one) => sum + one, 0);
    return [low, covered.map((one) => Math.fround(Math.fround(one) / total))];
  });
}

function layOut(rows, columns, aspect, { height, width, resize: kind }) {
  const whole = { top: 0, left: 0, height, width, fromRow: 0, fromColumn: 0, rows, columns };
  const tall = rows * aspect;
  if (kind === 'stretch') return whole;
  if (kind === 'crop') {
    const scale = Math.max(height / tall, width / columns);
    const [takenRows, takenColumns] = [Math.min(rows, height / scale / aspect), Math.min(columns, width / scale)];
    return { ...whole, fromRow: (rows - takenRows) / 2, fromColumn: (columns - takenColumns) / 2, rows: takenRows, columns: takenColumns };
  }
  const scale = Math.min(height / tall, width / columns);
  const inner = {
    height: Math.min(height, Math.max(1, Math.round(tall * scale))),
    width: Math.min(width, Math.max(1, Math.round(columns * scale))),
  };
  return { ...whole, ...inner, top: Math.floor((height - inner.height) / 2), left: Math.floor((width - inner.width) / 2) };
}

function resize({ rows, columns, samples, values }, aspect, target) {
  const layout = layOut(rows, columns, aspect, target);
  const across = axisWeights(columns, layout.width, layout.fromColumn, layout.columns);
  const down = axisWeights(rows, layout.height, layout.fromRow, layout.rows);
  const narrow = new Float32Array(rows * layout.width * samples);
  for (let row = 0; row < rows; row++)
    across.forEach(([first, weights], x) => {
      for (let sample = 0; sample < samples; sample++)
        narrow[(row * layout.width + x) * samples + sample] = weights.reduce(
          (sum, weight, tap) => sum + weight * values[(row * columns + first + tap) * samples + sample],
          0,
        );
    });
  const out = new Float32Array(target.height * target.width * samples);
  const line = layout.width * samples;
  down.forEach(([first, weights], y) => {
    const to = ((layout.top + y) * target.width + layout.left) * samples;
    weights.forEach((weight, tap) => {
      for (let at = 0; at < line; at++) out[to + at] += weight * narrow[(first + tap) * line + at];
    });
  });
  return out;
}
