import type { RandomStream } from '../platform/random.ts';

/** What there is to find in a patient, and what the classifier learns to tell. */
export const findings = ['none', 'smooth-nodule', 'spiculated-mass'] as const;
export type Finding = (typeof findings)[number];

/** Millimetres: x away from the heart, y towards the back, z towards the head; the lung's middle is the origin. */
export type Point = [x: number, y: number, z: number];

/** A round strand that tapers from one end to the other. */
export interface Strand {
  from: Point;
  to: Point;
  /** Millimetres at both ends. */
  fromRadius: number;
  toRadius: number;
}

/** A ball with a rough surface; the radius in direction angle is `radius × (1 + Σ amplitude cos(k angle + phase))`. */
export interface Ball {
  center: Point;
  radius: number;
  /** Ratio of the axes, and the angle of the longer one. */
  flattening: number;
  angle: number;
  waves: { k: number; amplitude: number; phase: number }[];
}

/** The lung of one patient with what is around it. All lengths in millimetres, densities in Hounsfield units. */
export interface ChestAnatomy {
  /** True for a left lung, with the heart on the other side of the picture. */
  mirrored: boolean;
  tilt: number;
  offset: [number, number];
  /** Radius of the lung by angle, in `outlineSteps` steps. */
  outline: Float32Array;
  heart: { x: number; y: number; a: number; b: number };
  wall: { muscle: number; fat: number };
  ribs: { angle: number; halfLength: number; depth: number; slope: number }[];
  lungDensity: number;
  gravity: number;
  coarseTexture: number;
  fineTexture: number;
  vessels: Strand[];
  vesselDensity: number;
  /** Scars, bands and fissures: thin, less dense than vessels. */
  bands: Strand[];
  bandDensity: number;
  granulomas: Ball[];
  bullae: Ball[];
  finding: Finding;
  lesion: { core: Ball; spicules: Strand[]; density: number; texture: number } | null;
}

export const outlineSteps = 360;

/** Draws the anatomy of one patient. The finding changes the lesion alone: every other choice is drawn the same way. */
export function drawAnatomy(
  finding: Finding,
  streams: { body: RandomStream; lesion: RandomStream },
): ChestAnatomy {
  const stream = streams.body;
  const outline = lungOutline(stream);
  const heart = {
    x: stream.uniform(-92, -78),
    y: stream.uniform(-38, -5),
    a: stream.uniform(38, 54),
    b: stream.uniform(34, 50),
  };
  const site = lesionSite(stream, outline);
  const vessels = vesselTree(stream, outline);
  const bands = [...fissure(stream, outline), ...scars(stream, outline)];
  const radius = stream.uniform(13, 19);
  return {
    mirrored: stream.uniform() < 0.5,
    tilt: stream.normal(0, 0.06),
    offset: [stream.normal(0, 4), stream.normal(0, 4)],
    outline,
    heart,
    wall: { muscle: stream.uniform(5, 12), fat: stream.uniform(3, 26) },
    ribs: ribs(stream),
    lungDensity: stream.uniform(-880, -790),
    gravity: stream.uniform(0.2, 0.9),
    coarseTexture: stream.uniform(14, 38),
    fineTexture: stream.uniform(18, 48),
    vessels: [...vessels, ...feeders(stream, site, radius)],
    vesselDensity: stream.uniform(15, 60),
    bands,
    bandDensity: stream.uniform(-420, -160),
    granulomas: many(stream, stream.integer(3), () => smallBall(stream, outline, 0.9, 1.8)),
    bullae: many(stream, stream.uniform() < 0.35 ? 1 + stream.integer(5) : 0, () =>
      smallBall(stream, outline, 3, 9),
    ),
    finding,
    lesion: finding === 'none' ? null : lesion(streams.lesion, finding, site, radius),
  };
}

function many<T>(_: RandomStream, count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

function lungOutline(stream: RandomStream): Float32Array {
  const a = stream.uniform(50, 62);
  const b = stream.uniform(66, 84);
  const waves = [1, 2, 3, 4, 5].map((k) => ({
    k,
    amplitude: stream.normal(0, 0.035 / Math.sqrt(k)),
    phase: stream.uniform(0, 2 * Math.PI),
  }));
  return Float32Array.from({ length: outlineSteps }, (_, step) => {
    const angle = (2 * Math.PI * step) / outlineSteps;
    const cosine = Math.cos(angle) / a;
    const sine = Math.sin(angle) / b;
    const shape = waves.reduce(
      (sum, wave) => sum + wave.amplitude * Math.cos(wave.k * angle + wave.phase),
      1,
    );
    // The side towards the heart is flatter than an ellipse.
    const flat = 1 - 0.14 * Math.max(0, -Math.cos(angle)) ** 2;
    return (shape * flat) / Math.hypot(cosine, sine);
  });
}

export function outlineRadius(outline: Float32Array, angle: number): number {
  const at = ((angle / (2 * Math.PI)) * outlineSteps + 2 * outlineSteps) % outlineSteps;
  const first = Math.floor(at);
  const second = (first + 1) % outlineSteps;
  return outline[first] + (at - first) * (outline[second] - outline[first]);
}

function insideShare(outline: Float32Array, [x, y, z]: Point): number {
  return Math.hypot(x, y, z * 0.5) / outlineRadius(outline, Math.atan2(y, x));
}

function ribs(stream: RandomStream): ChestAnatomy['ribs'] {
  const first = stream.uniform(-1.7, -1.35);
  return Array.from({ length: 7 }, (_, index) => ({
    angle: first + index * stream.uniform(0.44, 0.56),
    halfLength: stream.uniform(0.07, 0.2),
    depth: stream.uniform(3.4, 4.6),
    slope: stream.uniform(-1.5, 1.5),
  }));
}

/** Where a lesion is, or could be: well inside the lung, away from the heart. */
function lesionSite(stream: RandomStream, outline: Float32Array): Point {
  const angle = stream.uniform(-2.1, 2.1);
  const distance = outlineRadius(outline, angle) * stream.uniform(0.25, 0.66);
  return [distance * Math.cos(angle), distance * Math.sin(angle), stream.uniform(-1.5, 1.5)];
}

function vesselTree(stream: RandomStream, outline: Float32Array): Strand[] {
  const strands: Strand[] = [];
  const trunks = 9 + stream.integer(4);
  for (let trunk = 0; trunk < trunks; trunk++) {
    const angle = -1.5 + (3 * (trunk + stream.uniform(0.1, 0.9))) / trunks;
    const start: Point = [stream.uniform(-46, -34), stream.uniform(-14, 14), stream.uniform(-14, 14)];
    const climb = stream.uniform(-0.45, 0.45);
    grow(
      stream,
      outline,
      strands,
      start,
      [Math.cos(angle), Math.sin(angle), climb],
      stream.uniform(2.2, 3.8),
    );
  }
  return strands;
}

/** Grows one branch and its children until they are thin or leave the lung. */
function grow(
  stream: RandomStream,
  outline: Float32Array,
  strands: Strand[],
  from: Point,
  heading: Point,
  radius: number,
): void {
  if (radius < 0.3 || strands.length > 1500 || Math.abs(from[2]) > 40) return;
  const length = stream.uniform(4.5, 8) * radius ** 0.6;
  const norm = Math.hypot(...heading);
  const to = from.map((value, axis) => value + (heading[axis] / norm) * length) as Point;
  if (insideShare(outline, to) > 0.97) return;
  const toRadius = radius * stream.uniform(0.84, 0.94);
  strands.push({ from, to, fromRadius: radius, toRadius });
  const turn = (spread: number): Point =>
    heading.map((value) => value / norm + stream.normal(0, spread)) as Point;
  if (stream.uniform() < 0.62) {
    const share = stream.uniform(0.6, 0.86);
    grow(stream, outline, strands, to, turn(0.22), toRadius * Math.sqrt(share + 0.1));
    grow(stream, outline, strands, to, turn(0.55), toRadius * Math.sqrt(1.02 - share) * 1.1);
  } else {
    grow(stream, outline, strands, to, turn(0.18), toRadius);
  }
}

/** Vessels that lead to the place of the lesion, also where none is, so that they tell nothing. */
function feeders(stream: RandomStream, site: Point, radius: number): Strand[] {
  const strands: Strand[] = [];
  const count = 2 + stream.integer(2);
  for (let index = 0; index < count; index++) {
    const angle = stream.uniform(0, 2 * Math.PI);
    let from: Point = [
      site[0] + 0.6 * radius * Math.cos(angle),
      site[1] + 0.6 * radius * Math.sin(angle),
      site[2],
    ];
    let heading = angle;
    let thickness = stream.uniform(0.7, 1.3);
    for (let piece = 0; piece < 4; piece++) {
      heading += stream.normal(0, 0.3);
      const length = stream.uniform(5, 9);
      const to: Point = [
        from[0] + length * Math.cos(heading),
        from[1] + length * Math.sin(heading),
        from[2] + stream.normal(0, 1.5),
      ];
      strands.push({ from, to, fromRadius: thickness, toRadius: thickness * 0.85 });
      from = to;
      thickness *= 0.85;
    }
  }
  return strands;
}

function fissure(stream: RandomStream, outline: Float32Array): Strand[] {
  if (stream.uniform() < 0.3) return [];
  const start = stream.uniform(-0.6, 0.4);
  const bend = stream.uniform(-14, 14);
  const strands: Strand[] = [];
  const point = (share: number): Point => {
    const reach = outlineRadius(outline, start) + outlineRadius(outline, start + Math.PI);
    const along = outlineRadius(outline, start) - share * reach;
    const aside = bend * Math.sin(Math.PI * share);
    return [
      along * Math.cos(start) - aside * Math.sin(start),
      along * Math.sin(start) + aside * Math.cos(start),
      0,
    ];
  };
  for (let piece = 0; piece < 12; piece++) {
    strands.push({
      from: point(piece / 12),
      to: point((piece + 1) / 12),
      fromRadius: 0.45,
      toRadius: 0.45,
    });
  }
  return strands;
}

/** Bands of scar at the edge of the lung. */
function scars(stream: RandomStream, outline: Float32Array): Strand[] {
  return many(stream, stream.integer(4), () => {
    const angle = stream.uniform(-2, 2);
    const rim = outlineRadius(outline, angle);
    const inward = stream.uniform(8, 22);
    const turned = angle + stream.normal(0, 0.25);
    return {
      from: [rim * Math.cos(angle), rim * Math.sin(angle), 0],
      to: [(rim - inward) * Math.cos(turned), (rim - inward) * Math.sin(turned), stream.uniform(-3, 3)],
      fromRadius: stream.uniform(1, 2.4),
      toRadius: 0.5,
    };
  });
}

function smallBall(stream: RandomStream, outline: Float32Array, low: number, high: number): Ball {
  const angle = stream.uniform(-2.4, 2.4);
  const distance = outlineRadius(outline, angle) * stream.uniform(0.2, 0.88);
  return {
    center: [distance * Math.cos(angle), distance * Math.sin(angle), stream.uniform(-3, 3)],
    radius: stream.uniform(low, high),
    flattening: stream.uniform(0.7, 1),
    angle: stream.uniform(0, Math.PI),
    waves: [],
  };
}

/** The two kinds of lesion have the same size, density and texture; their margin is what differs. */
function lesion(
  stream: RandomStream,
  finding: Exclude<Finding, 'none'>,
  center: Point,
  radius: number,
): NonNullable<ChestAnatomy['lesion']> {
  const wave = (k: number, deviation: number) => ({
    k,
    amplitude: stream.normal(0, deviation),
    phase: stream.uniform(0, 2 * Math.PI),
  });
  const spiculated = finding === 'spiculated-mass';
  const core: Ball = {
    center,
    radius: spiculated ? radius * 0.84 : radius,
    flattening: stream.uniform(0.72, 1),
    angle: stream.uniform(0, Math.PI),
    waves: spiculated
      ? [wave(2, 0.05), wave(3, 0.05), wave(5, 0.05), wave(7, 0.045), wave(10, 0.03)]
      : [wave(2, 0.05), wave(3, 0.05)],
  };
  return {
    core,
    spicules: spiculated ? spicules(stream, center, radius) : [],
    density: stream.uniform(-60, 40),
    texture: stream.uniform(15, 60),
  };
}

function spicules(stream: RandomStream, center: Point, radius: number): Strand[] {
  const count = 16 + stream.integer(14);
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * (index + stream.uniform(0, 1))) / count;
    const climb = stream.normal(0, 0.5);
    const length = radius * stream.uniform(1.15, 1.95);
    const turned = angle + stream.normal(0, 0.12);
    return {
      from: [
        center[0] + 0.5 * radius * Math.cos(angle),
        center[1] + 0.5 * radius * Math.sin(angle),
        center[2] + 0.5 * radius * climb,
      ],
      to: [
        center[0] + length * Math.cos(turned),
        center[1] + length * Math.sin(turned),
        center[2] + length * climb,
      ],
      fromRadius: stream.uniform(1.6, 2.6),
      toRadius: 0.25,
    };
  });
}
