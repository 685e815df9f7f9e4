import type { RandomStream } from '../../platform/random.ts';
import { bar, contour, type Pattern, valueNoise, voronoi } from '../drawing-field.ts';

/**
 * Classes of shapes: an outline, a margin, a number, a texture or a structure; place, size, turn and contrast vary freely
 * and say nothing about it.
 */
export const shapeClasses: readonly string[] = [
  'ellipse',
  'lobulated',
  'triangle',
  'square',
  'star',
  'spiculated',
  'ring',
  'crescent',
  'cross',
  'two discs',
  'three discs',
  'four discs',
  'five discs',
  'fine stripes',
  'coarse stripes',
  'checks',
  'smooth noise',
  'rough noise',
  'cells',
  'one tube',
  'forked tube',
  'two tubes',
  'organ with a smooth lesion',
  'organ with a spiculated lesion',
  'organ without lesion',
];

/** What is drawn for each class, in the order of `shapeClasses`. */
export const shapeDrawers: ((random: RandomStream) => Pattern)[] = [
  (r) => single(r, ellipse(r)),
  (r) => single(r, wavy(r, 3 + r.integer(2), 0.22)),
  (r) => single(r, polygon(3)),
  (r) => single(r, polygon(4)),
  (r) => single(r, wavy(r, 5, 0.42)),
  (r) => single(r, spikes(r)),
  (r) => hollow(r, 0, 0.55),
  (r) => hollow(r, 0.45, 0.85),
  cross,
  (r) => discs(r, 2),
  (r) => discs(r, 3),
  (r) => discs(r, 4),
  (r) => discs(r, 5),
  (r) => stripes(r, r.uniform(14, 22)),
  (r) => stripes(r, r.uniform(4, 7)),
  checks,
  (r) => patch(r, valueNoise(r, 4, 2, 0.4)),
  (r) => patch(r, valueNoise(r, 6, 4, 0.95)),
  (r) => patch(r, voronoi(r, 14 + r.integer(10))),
  (r) => tubes(r, 'one'),
  (r) => tubes(r, 'forked'),
  (r) => tubes(r, 'two'),
  (r) => organ(r, (inner) => ellipse(inner)),
  (r) => organ(r, (inner) => spikes(inner)),
  (r) => organ(r),
];

type Radius = (angle: number) => number;

const ellipse = (r: RandomStream): Radius => {
  const flat = r.uniform(0.6, 1);
  return (angle) => flat / Math.hypot(flat * Math.cos(angle), Math.sin(angle));
};

const wavy = (r: RandomStream, lobes: number, depth: number): Radius => {
  const own = depth * r.uniform(0.8, 1.2);
  return (angle) => 1 + own * Math.cos(lobes * angle);
};

const polygon =
  (corners: number): Radius =>
  (angle) => {
    const part = (2 * Math.PI) / corners;
    return Math.cos(part / 2) / Math.cos((((angle % part) + part) % part) - part / 2);
  };

const spikes = (r: RandomStream): Radius => {
  const count = 11 + r.integer(9);
  const heights = Array.from({ length: count }, () => r.uniform(0.15, 0.6));
  return (angle) => {
    const at = (angle / (2 * Math.PI)) * count;
    const spike = Math.floor(at) % count;
    return 0.75 + heights[spike] * (1 - Math.abs(2 * (at - Math.floor(at)) - 1)) ** 2;
  };
};

interface Place {
  x: number;
  y: number;
  radius: number;
  turn: number;
  edge: number;
}

function place(r: RandomStream, low = 0.28, high = 0.62): Place {
  const radius = r.uniform(low, high);
  const room = 0.9 - radius;
  return {
    x: r.uniform(-room, room),
    y: r.uniform(-room, room),
    radius,
    turn: r.uniform(0, 2 * Math.PI),
    edge: r.uniform(0.02, 0.06),
  };
}

const outline = ({ x, y, radius, turn, edge }: Place, shape: Radius): Pattern =>
  contour(x, y, (angle) => radius * shape(angle + turn + 2 * Math.PI), edge);

/** A shape, evenly filled or shaded from one side. */
function single(r: RandomStream, shape: Radius): Pattern {
  const at = place(r);
  const inside = outline(at, shape);
  const shade = r.uniform(0, 0.6);
  const [u, v] = [Math.cos(at.turn), Math.sin(at.turn)];
  return (x, y) => inside(x, y) * (1 + (shade * ((x - at.x) * u + (y - at.y) * v)) / at.radius);
}

/** A disc with a smaller one cut out, in its middle or to one side. */
function hollow(r: RandomStream, offset: number, share: number): Pattern {
  const at = place(r, 0.35, 0.65);
  const round: Radius = () => 1;
  const hole = {
    ...at,
    x: at.x + offset * at.radius * Math.cos(at.turn),
    y: at.y + offset * at.radius * Math.sin(at.turn),
    radius: at.radius * share,
  };
  const [outer, inner] = [outline(at, round), outline(hole, round)];
  return (x, y) => outer(x, y) * (1 - inner(x, y));
}

function cross(r: RandomStream): Pattern {
  const { x, y, radius, turn, edge } = place(r, 0.4, 0.65);
  const width = radius * r.uniform(0.14, 0.26);
  const arms = [0, Math.PI / 2].map((more) => {
    const [u, v] = [radius * Math.cos(turn + more), radius * Math.sin(turn + more)];
    return bar(x - u, y - v, x + u, y + v, width, edge);
  });
  return (px, py) => Math.max(arms[0](px, py), arms[1](px, py));
}

function discs(r: RandomStream, count: number): Pattern {
  const placed: Place[] = [];
  for (let tries = 0; placed.length < count && tries < 400; tries++) {
    const next = place(r, 0.1, 0.2);
    if (
      placed.every(
        (other) => Math.hypot(other.x - next.x, other.y - next.y) > other.radius + next.radius + 0.08,
      )
    )
      placed.push(next);
  }
  const shapes = placed.map((at) => outline(at, ellipse(r)));
  return (x, y) => shapes.reduce((sum, shape) => Math.max(sum, shape(x, y)), 0);
}

/** A texture within a soft region, so that its border says nothing. */
function patch(r: RandomStream, texture: Pattern): Pattern {
  const region = outline({ ...place(r, 0.55, 0.8), edge: 0.3 }, wavy(r, 2 + r.integer(3), 0.15));
  return (x, y) => 0.8 * region(x, y) * texture(x, y);
}

function stripes(r: RandomStream, frequency: number): Pattern {
  const turn = r.uniform(0, Math.PI);
  const [u, v] = [frequency * Math.cos(turn), frequency * Math.sin(turn)];
  const bend = r.uniform(0, 2);
  return patch(r, (x, y) => Math.sin(Math.PI * (u * x + v * y) + bend * x * y));
}

function checks(r: RandomStream): Pattern {
  const frequency = r.uniform(4, 10);
  const turn = r.uniform(0, Math.PI);
  const [u, v] = [frequency * Math.cos(turn), frequency * Math.sin(turn)];
  return patch(r, (x, y) =>
    Math.sign(Math.sin(Math.PI * (u * x + v * y)) * Math.sin(Math.PI * (v * x - u * y))),
  );
}

function tubes(r: RandomStream, kind: 'one' | 'forked' | 'two'): Pattern {
  const turn = r.uniform(0, 2 * Math.PI);
  const [u, v] = [Math.cos(turn), Math.sin(turn)];
  const [x, y] = [r.uniform(-0.25, 0.25), r.uniform(-0.25, 0.25)];
  const width = r.uniform(0.04, 0.1);
  const edge = r.uniform(0.03, 0.06);
  const parts: Pattern[] = [];
  if (kind === 'two') {
    const apart = width * r.uniform(2.5, 4);
    for (const side of [-apart, apart]) {
      parts.push(bar(x - u - side * v, y - v + side * u, x + u - side * v, y + v + side * u, width, edge));
    }
  } else {
    parts.push(bar(x - u, y - v, kind === 'one' ? x + u : x, kind === 'one' ? y + v : y, width, edge));
    if (kind === 'forked') {
      for (const side of [-1, 1]) {
        const angle = turn + side * r.uniform(0.3, 0.8);
        parts.push(bar(x, y, x + Math.cos(angle), y + Math.sin(angle), width * 0.8, edge));
      }
    }
  }
  return (px, py) => parts.reduce((most, part) => Math.max(most, part(px, py)), 0);
}

/** A large textured ellipse with vessels cut across, and perhaps a lesion in it. */
function organ(r: RandomStream, lesion?: (r: RandomStream) => Radius): Pattern {
  const at = { ...place(r, 0.6, 0.8), edge: 0.05 };
  const body = outline(at, wavy(r, 2, 0.15));
  const texture = valueNoise(r, 8, 2, 0.6);
  const inside = (radius: number): Place => {
    const [distance, angle] = [r.uniform(0, 0.55) * at.radius, r.uniform(0, 2 * Math.PI)];
    return {
      x: at.x + distance * Math.cos(angle),
      y: at.y + distance * Math.sin(angle),
      radius,
      turn: r.uniform(0, 6),
      edge: 0.03,
    };
  };
  const vessels = Array.from({ length: 2 + r.integer(4) }, () =>
    outline(inside(r.uniform(0.02, 0.05)), ellipse(r)),
  );
  const own = lesion && outline(inside(r.uniform(0.13, 0.26)), lesion(r));
  const strength = r.uniform(0.35, 0.7) * (r.uniform() < 0.5 ? 1 : -1);
  return (x, y) => {
    const here = body(x, y);
    if (here < 0.01) return 0;
    let value = 0.5 + 0.12 * texture(x, y);
    for (const vessel of vessels) value += 0.4 * vessel(x, y);
    if (own) value += strength * own(x, y);
    return here * value;
  };
}
