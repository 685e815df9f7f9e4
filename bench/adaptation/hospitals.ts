import { drawAnatomy, findings } from '../../src-main/samples/chest-anatomy.ts';
import { drawSlice } from '../../src-main/samples/chest-slice.ts';
import { type Scanner, scanners } from '../../src-main/samples/scanners.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import type { Picture } from './task.ts';

export const hospitalClasses: readonly string[] = findings;
export const HOSPITAL_SIZE = 32;

/** Millimetres of a side. */
const FIELD = 60;

/** Hounsfield units that are shown as black and as white, at hospital A and by how much they move with each unit of shift. */
const WINDOW = { center: -600, width: 1500, perShift: { center: 150, width: -220 } };

/**
 * A square of one lung around the place where a lesion is, or could be, as hospital A shows it (shift 0), as hospital B measures it (shift 1:
 * less dose, a sharper kernel, another response and shading), and as that looks under the windows of protocols ever further away (2, 3).
 */
export function hospitalPictures(seed: number, index: number): { label: number; at(shift: number): Picture } {
  const label = index % findings.length;
  const [first, second] = scanners;
  return {
    label,
    at: (shift) => {
      const a = square(seed, index, label, first);
      const b = shift > 0 ? square(seed, index, label, second) : a;
      const center = WINDOW.center + shift * WINDOW.perShift.center;
      const width = WINDOW.width + shift * WINDOW.perShift.width;
      const share = Math.min(1, shift);
      return a.map((value, i) => {
        const measured = value + share * (b[i] - value);
        return Math.min(1, Math.max(0, (measured - (center - width / 2)) / width));
      });
    },
  };
}

/** Hounsfield units as a scanner measures them. */
function square(seed: number, index: number, label: number, scanner: Scanner): Picture {
  const stream = (...names: (string | number)[]): RandomStream =>
    new RandomStream(seed, 'adaptation', index, ...names);
  const streams = () => ({ body: stream('body'), lesion: stream('lesion') });
  const anatomy = drawAnatomy(findings[label], streams());
  // The finding changes the lesion alone: a nodule says where one would be.
  const { center } = drawAnatomy('smooth-nodule', streams()).lesion!.core;
  const slice = drawSlice(anatomy, 0, scanner.grid, stream('texture'));
  scanner.acquire(slice, stream('scan', scanner.site));
  const jitter = stream('place');
  const side = anatomy.mirrored ? -1 : 1;
  const [cosine, sine] = [Math.cos(anatomy.tilt), Math.sin(anatomy.tilt)];
  const { spacing, rows, columns } = scanner.grid;
  const middleX = side * (cosine * center[0] - sine * center[1] + anatomy.offset[0]) + jitter.uniform(-6, 6);
  const middleY = cosine * center[1] + sine * center[0] + anatomy.offset[1] + jitter.uniform(-6, 6);
  const picture = new Float32Array(HOSPITAL_SIZE ** 2);
  const step = FIELD / HOSPITAL_SIZE;
  const fine = Math.ceil(step / spacing) + 1;
  for (let i = 0; i < picture.length; i++) {
    const [y, x] = [Math.floor(i / HOSPITAL_SIZE), i % HOSPITAL_SIZE];
    let sum = 0;
    for (let k = 0; k < fine * fine; k++) {
      const mmX = middleX - FIELD / 2 + (x + ((k % fine) + 0.5) / fine) * step;
      const mmY = middleY - FIELD / 2 + (y + (Math.floor(k / fine) + 0.5) / fine) * step;
      const column = Math.round(mmX / spacing + columns / 2 - 0.5);
      const row = Math.round(mmY / spacing + rows / 2 - 0.5);
      const inside = column >= 0 && row >= 0 && column < columns && row < rows;
      sum += inside ? slice.values[row * columns + column] : -1024;
    }
    picture[i] = sum / fine ** 2;
  }
  return picture;
}
