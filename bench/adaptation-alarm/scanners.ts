import type { Sample } from '../../src-main/contract/dataset.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import type { ImageSource } from '../../src-main/training/index.ts';

const SIDE = 16;
export const CLASSES = ['disc', 'ring', 'cross'] as const;

/** How frequent classes are in the target, and whether another scanner took its images. */
export interface AlarmCase {
  name: string;
  /** Shares of the classes; of the source all are equal. */
  target: number[];
  /** 0: the source's own scanner; 1: darker, of less contrast, blurred, under a shading. */
  look: number;
  /** Adapting can only hurt here. */
  hurts: boolean;
}

export const CASES: readonly AlarmCase[] = [
  { name: 'label shift', target: [0.9, 0.1], look: 0, hurts: true },
  { name: 'label shift, another scanner', target: [0.1, 0.9], look: 0.25, hurts: true },
  { name: 'missing class', target: [1, 0], look: 0, hurts: true },
  { name: 'missing class, another scanner', target: [0, 1], look: 0.25, hurts: true },
  { name: 'nothing', target: [0.5, 0.5], look: 0, hurts: false },
  { name: 'another scanner', target: [0.5, 0.5], look: 1, hurts: false },
  { name: 'another scanner, three classes', target: [0.34, 0.33, 0.33], look: 1, hurts: false },
  { name: 'frequencies hardly, another scanner', target: [0.56, 0.44], look: 1, hurts: false },
];

function shape(label: number, x: number, y: number, radius: number): number {
  const distance = Math.hypot(x, y);
  if (label === 0) return distance < radius ? 1 : 0;
  if (label === 1) return Math.abs(distance - radius) < 1.1 ? 1 : 0;
  return Math.min(Math.abs(x), Math.abs(y)) < 1 && distance < radius * 1.4 ? 1 : 0;
}

/** One image, of one patient. */
function picture(random: RandomStream, label: number, look: number): Float32Array {
  const [cx, cy] = [random.uniform(6, 10), random.uniform(6, 10)];
  const radius = random.uniform(2.6, 4.4);
  const bright = random.uniform(0.28, 0.5);
  const soft = 0.7 + 0.5 * look;
  const values = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      let [sum, weight] = [0, 0];
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const share = Math.exp(-(dx * dx + dy * dy) / (2 * soft * soft));
          sum += share * shape(label, x + dx - cx, y + dy - cy, radius);
          weight += share;
        }
      }
      const clean = 0.35 + (bright * sum) / weight + random.normal(0, 0.06);
      const shading = look * 0.25 * (x / SIDE - 0.5);
      values[y * SIDE + x] = Math.min(1, Math.max(0, (1 - 0.45 * look) * clean + 0.2 * look + shading));
    }
  }
  return values;
}

/** Images of both domains; each of another patient. */
export interface DrawnCase {
  images: ImageSource;
  learned: Sample[];
  validation: Sample[];
  target: Sample[];
  /** Of the target too, and labelled. */
  audit: Sample[];
  test: Sample[];
}

export function drawCase(seed: number, { target, look, name }: AlarmCase, audit: number): DrawnCase {
  const random = new RandomStream(seed, 'alarm', name);
  const pictures: Float32Array[] = [];
  const draw = (count: number, shares: readonly number[], at: number): Sample[] =>
    Array.from({ length: count }, () => {
      let left = random.uniform();
      let label = 0;
      while (label < shares.length - 1 && left > shares[label]) left -= shares[label++];
      const cacheIndex = pictures.push(picture(random, label, at)) - 1;
      return { cacheIndex, label, patientKey: `p${cacheIndex}`, instanceId: cacheIndex, frameIndex: 0 };
    });
  const equal = target.map(() => 1 / target.length);
  return {
    learned: draw(240, equal, 0),
    validation: draw(90, equal, 0),
    target: draw(200, target, look),
    audit: draw(audit, target, look),
    test: draw(400, target, look),
    images: {
      height: SIDE,
      width: SIDE,
      channels: 1,
      checksum: JSON.stringify([seed, name]),
      read: (index, into, offset) => into.set(pictures[index], offset),
    },
  };
}
