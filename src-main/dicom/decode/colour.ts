import type { DataSet } from '../data-set.ts';
import type { Keyword } from '../dictionary.ts';
import { refuse } from '../refusal.ts';
import type { StoredValues } from '../types.ts';

/** YBR_FULL to RGB in place (PS3.3 C.7.6.3.1.2, ITU-R BT.601 at full range), for unsigned samples of `bits` bits. */
export function ybrToRgb(values: StoredValues, bits: number): void {
  const most = 2 ** bits - 1;
  const middle = 2 ** (bits - 1);
  const level = (value: number): number => Math.min(most, Math.max(0, Math.round(value)));
  for (let at = 0; at < values.length; at += 3) {
    const y = values[at];
    const cb = values[at + 1] - middle;
    const cr = values[at + 2] - middle;
    values[at] = level(y + 1.402 * cr);
    values[at + 1] = level(y - 0.344136 * cb - 0.714136 * cr);
    values[at + 2] = level(y + 1.772 * cb);
  }
}

/** YBR_FULL_422 as it is stored, Y Y Cb Cr for two neighbours, to three samples for each pixel. */
export function expand422(values: StoredValues, bytesPerSample: number): Uint8Array | Uint16Array {
  const pairs = Math.floor(values.length / 4);
  const out = bytesPerSample === 1 ? new Uint8Array(pairs * 6) : new Uint16Array(pairs * 6);
  for (let pair = 0; pair < pairs; pair++) {
    const from = 4 * pair;
    const to = 6 * pair;
    for (let pixel = 0; pixel < 2; pixel++) {
      out[to + 3 * pixel] = values[from + pixel];
      out[to + 3 * pixel + 1] = values[from + 2];
      out[to + 3 * pixel + 2] = values[from + 3];
    }
  }
  return out;
}

/** Applies the palette (PS3.3 C.7.6.3.1.5): stored values become RGB of the palette's depth, 8 or 16 bits. */
export function applyPalette(
  values: StoredValues,
  dataSet: DataSet,
): { data: Uint8Array | Uint16Array; bits: number } {
  const tables = (['Red', 'Green', 'Blue'] as const).map((colour) => readTable(dataSet, colour));
  // A colour that is hardly used has small values alone, whatever the depth of the others.
  const bits = Math.max(...tables.map((table) => table.bits));
  const data = bits > 8 ? new Uint16Array(values.length * 3) : new Uint8Array(values.length * 3);
  tables.forEach(({ first, entries }, sample) => {
    const last = entries.length - 1;
    for (let pixel = 0; pixel < values.length; pixel++) {
      data[pixel * 3 + sample] = entries[Math.min(last, Math.max(0, values[pixel] - first))];
    }
  });
  return { data, bits };
}

function readTable(
  dataSet: DataSet,
  colour: 'Red' | 'Green' | 'Blue',
): { first: number; bits: number; entries: ArrayLike<number> } {
  const [count, first, bits] = dataSet.numbers(`${colour}PaletteColorLookupTableDescriptor`);
  const key: Keyword = `${colour}PaletteColorLookupTableData`;
  const segmentedKey: Keyword = `Segmented${colour}PaletteColorLookupTableData`;
  const length = count || 65_536;
  const signed = dataSet.number('PixelRepresentation') === 1;
  const entries = dataSet.has(key)
    ? words(dataSet, key, length)
    : dataSet.has(segmentedKey)
      ? expandSegments(words(dataSet, segmentedKey, -1))
      : [];
  if (bits === undefined || entries.length < length) {
    throw refuse(
      'broken',
      `The palette's ${colour.toLowerCase()} table holds ${entries.length} of ${length} entries.`,
    );
  }
  const start = signed && first > 32_767 ? first - 65_536 : first;
  // Tables that say 16 bits but hold 8-bit entries exist, and the other way round: the entries tell.
  const deep = Array.from(entries).some((entry) => entry > 255);
  return { first: start, bits: deep ? 16 : 8, entries };
}

/** A table's entries: bytes where there is one for each entry, else 16-bit words. */
function words(dataSet: DataSet, keyword: Keyword, length: number): Uint16Array {
  const bytes = dataSet.raw(keyword);
  if (length > 0 && bytes.length < 2 * length) return Uint16Array.from(bytes.subarray(0, length));
  const big = dataSet.encoding.bigEndian;
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, index) =>
    big ? bytes.readUInt16BE(2 * index) : bytes.readUInt16LE(2 * index),
  );
}

/** Segmented tables (PS3.3 C.7.9.2): discrete values, straight lines, and earlier segments again. */
function expandSegments(data: Uint16Array): number[] {
  const out: number[] = [];
  const run = (from: number, segments: number, depth: number): void => {
    let at = from;
    for (let done = 0; at + 1 < data.length && done < segments && out.length <= 65_536; done++) {
      const [kind, length] = [data[at], data[at + 1]];
      if (kind === 0) {
        out.push(...data.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      } else if (kind === 1) {
        const start = out[out.length - 1] ?? 0;
        for (let step = 1; step <= length; step++) {
          out.push(Math.round(start + ((data[at + 2] - start) * step) / length));
        }
        at += 3;
      } else if (kind === 2 && depth === 0) {
        run((data[at + 2] | (data[at + 3] << 16)) >>> 1, length, 1);
        at += 4;
      } else throw refuse('broken', 'A segmented palette holds a segment of an unknown kind.');
    }
  };
  run(0, Infinity, 0);
  return out;
}
