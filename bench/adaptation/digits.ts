import { RandomStream } from '../../src-main/platform/random.ts';
import type { Picture } from './task.ts';

export const digitClasses = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
export const DIGIT_SIZE = 32;

type Stroke = [x: number, y: number][];

const arc = (cx: number, cy: number, rx: number, ry: number, from: number, to: number): Stroke =>
  Array.from({ length: 17 }, (_, at) => {
    const angle = ((from + ((to - from) * at) / 16) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });

/** How each digit is written, in a square of −1 … 1, y downwards. */
const strokes: readonly Stroke[][] = [
  [arc(0, 0, 0.55, 0.85, 0, 360)],
  [
    [
      [-0.25, -0.55],
      [0.1, -0.85],
      [0.1, 0.85],
    ],
  ],
  [[...arc(0, -0.4, 0.5, 0.45, 200, 390), [-0.55, 0.85], [0.6, 0.85]]],
  [arc(-0.05, -0.42, 0.5, 0.43, 215, 450), arc(-0.05, 0.42, 0.55, 0.43, 270, 505)],
  [
    [
      [0.25, 0.85],
      [0.25, -0.85],
      [-0.6, 0.3],
      [0.6, 0.3],
    ],
  ],
  [[[0.5, -0.85], [-0.4, -0.85], [-0.45, -0.1], ...arc(-0.02, 0.32, 0.52, 0.5, 225, 500)]],
  [[[0.35, -0.85], ...arc(0, 0.35, 0.52, 0.48, 200, 560)]],
  [
    [
      [-0.55, -0.85],
      [0.55, -0.85],
      [-0.1, 0.85],
    ],
  ],
  [arc(0, -0.42, 0.42, 0.42, 0, 360), arc(0, 0.42, 0.52, 0.44, 0, 360)],
  [[...arc(0, -0.35, 0.5, 0.48, 20, 380), [0.3, 0.85]]],
];

/** How one hand and one scanner write and see digits. */
interface Hand {
  scale: [number, number];
  slant: number;
  thickness: [number, number];
  /** Pixels. */
  blur: number;
  ink: number;
  paper: number;
  noise: number;
}

const source: Hand = {
  scale: [9, 11],
  slant: 0.15,
  thickness: [1.1, 1.9],
  blur: 0.4,
  ink: 0.95,
  paper: 0.05,
  noise: 0.03,
};

/** Broader, larger, more upright; blurred, of little contrast, and dark on light. */
const target: Hand = {
  scale: [11, 13],
  slant: -0.1,
  thickness: [1.8, 2.8],
  blur: 1.2,
  ink: 0.3,
  paper: 0.75,
  noise: 0.06,
};

/** A digit as it is written in the source (0), in the target (1), or between them. Drawn from the seed; not copied from any data set. */
export function digitPictures(seed: number, index: number): { label: number; at(shift: number): Picture } {
  const label = index % digitClasses.length;
  return { label, at: (shift) => draw(label, new RandomStream(seed, 'digit', index), between(shift)) };
}

function between(shift: number): Hand {
  const mix = (a: number, b: number): number => a + shift * (b - a);
  const pair = (a: [number, number], b: [number, number]): [number, number] => [
    mix(a[0], b[0]),
    mix(a[1], b[1]),
  ];
  return {
    scale: pair(source.scale, target.scale),
    slant: mix(source.slant, target.slant),
    thickness: pair(source.thickness, target.thickness),
    blur: mix(source.blur, target.blur),
    ink: mix(source.ink, target.ink),
    paper: mix(source.paper, target.paper),
    noise: mix(source.noise, target.noise),
  };
}

function draw(label: number, stream: RandomStream, hand: Hand): Picture {
  const scale = stream.uniform(...hand.scale);
  const wide = scale * stream.uniform(0.75, 1.1);
  const slant = hand.slant + stream.normal(0, 0.12);
  const turn = stream.normal(0, 0.12);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const middle = [0, 1].map(() => DIGIT_SIZE / 2 + stream.normal(0, 1));
  const lines = strokes[label].map((stroke) => {
    const drift = [stream.normal(0, 0.06), stream.normal(0, 0.06)];
    return stroke.map(([x0, y0]) => {
      const x = wide * (x0 + drift[0] + stream.normal(0, 0.02)) - slant * scale * y0;
      const y = scale * (y0 + drift[1] + stream.normal(0, 0.02));
      return [middle[0] + cosine * x - sine * y, middle[1] + sine * x + cosine * y];
    });
  });
  const half = stream.uniform(...hand.thickness) / 1.2;
  const ink = hand.ink + stream.normal(0, 0.03);
  const paper = hand.paper + stream.normal(0, 0.02);
  const picture = new Float32Array(DIGIT_SIZE ** 2);
  for (let i = 0; i < picture.length; i++) {
    const [y, x] = [Math.floor(i / DIGIT_SIZE), i % DIGIT_SIZE];
    let nearest = Infinity;
    for (const line of lines)
      for (let at = 1; at < line.length; at++)
        nearest = Math.min(nearest, distance(x, y, line[at - 1], line[at]));
    const cover = 1 / (1 + Math.exp((nearest - half) / Math.max(0.15, 0.55 * hand.blur)));
    const value = paper + cover * (ink - paper) + stream.normal(0, hand.noise);
    picture[i] = Math.min(1, Math.max(0, value));
  }
  return picture;
}

function distance(x: number, y: number, [ax, ay]: number[], [bx, by]: number[]): number {
  const [dx, dy] = [bx - ax, by - ay];
  const share = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
