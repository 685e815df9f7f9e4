import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { findings } from '../../src-main/samples/chest-anatomy.ts';
import { drawSampleImage } from '../../src-main/samples/sample-images.ts';
import { drawPretrainingImage, PRETRAINING_CLASSES } from '../../src-main/samples/pretraining/index.ts';
import { samplePatients } from '../../src-main/samples/sample-patients.ts';
import { scanners } from '../../src-main/samples/scanners.ts';

/*
 * Contact sheets of what the samples draw, to be looked at:
 *   node test/samples/contact-sheet.script.ts hospitals out.png [seed]
 *   node test/samples/contact-sheet.script.ts pretraining out.png [seed]
 */
interface Tile {
  width: number;
  height: number;
  /** In [0, 1]. */
  values: ArrayLike<number>;
}

function sheet(tiles: Tile[], columns: number): Tile {
  const width = Math.max(...tiles.map((tile) => tile.width)) + 2;
  const height = Math.max(...tiles.map((tile) => tile.height)) + 2;
  const rows = Math.ceil(tiles.length / columns);
  const values = new Float32Array(width * columns * height * rows);
  tiles.forEach((tile, number) => {
    const left = (number % columns) * width;
    const top = Math.floor(number / columns) * height;
    for (let y = 0; y < tile.height; y++) {
      for (let x = 0; x < tile.width; x++) {
        values[(top + y) * width * columns + left + x] = tile.values[y * tile.width + x];
      }
    }
  });
  return { width: width * columns, height: height * rows, values };
}

function png({ width, height, values }: Tile): Buffer {
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      lines[y * (width + 1) + 1 + x] = Math.round(255 * Math.min(1, Math.max(0, values[y * width + x])));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const chunk = (type: string, content: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(content.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Six patients of each finding and hospital, the middle slice of each, as the files' window shows it. */
function hospitalTiles(seed: number): Tile[] {
  return scanners.flatMap((scanner) => {
    const patients = samplePatients(seed, scanner, 60);
    return findings.flatMap((finding) =>
      patients
        .filter((patient) => patient.finding === finding && !patient.inverted)
        .slice(0, 6)
        .map((patient) => {
          const { pixels } = drawSampleImage(seed, patient, 1);
          const { slope, intercept } = scanner.rescale;
          const { center, width } = scanner.window;
          const values = Array.from(
            pixels.data,
            (value) => (slope * value + intercept - center) / width + 0.5,
          );
          return { width: pixels.columns, height: pixels.rows, values };
        }),
    );
  });
}

const [what, out, seed] = process.argv.slice(2);
if (what === 'hospitals') writeFileSync(out, png(sheet(hospitalTiles(Number(seed ?? 20)), 6)));
if (what === 'pretraining') {
  const tiles = Array.from({ length: 144 }, (_, i) => {
    const { pixels, label } = drawPretrainingImage(Number(seed ?? 1), i, 128);
    if (i % 12 === 0) console.log(PRETRAINING_CLASSES[label]);
    return { width: 128, height: 128, values: pixels };
  });
  writeFileSync(out, png(sheet(tiles, 16)));
}
