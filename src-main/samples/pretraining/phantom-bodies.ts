import type { RandomStream } from '../../platform/random.ts';
import { bar, contour, type Pattern, valueNoise, voronoi } from '../drawing-field.ts';
import { wavedRadius } from './waved-radius.ts';

/**
 * A part of a body that nobody has: tissue as numbers around 0 to 1, and where in it something may be found. Nothing
 * is measured from a person; organs are ellipses, waves and bars.
 */
export interface Body {
  tissue: Pattern;
  /** 1 where the organ is in which findings lie, 0 outside. */
  organ: Pattern;
  /** A point well inside the organ. */
  interior: () => Point;
  /** A point on the organ's border. */
  border: () => Point;
  /** A point on the line about which the organ is symmetric. */
  midline: () => Point;
}

export interface Point {
  x: number;
  y: number;
}

interface Ellipse extends Point {
  across: number;
  down: number;
  turn: number;
}

/** An ellipse, its outline slightly waved. */
function ellipse(r: RandomStream, at: Ellipse, edge: number, wave = 0.04): Pattern {
  const waved = wavedRadius(r, [2, 3, 5], wave);
  return contour(
    at.x,
    at.y,
    (angle) => {
      const a = angle - at.turn;
      return ((at.across * at.down) / Math.hypot(at.down * Math.cos(a), at.across * Math.sin(a))) * waved(a);
    },
    edge,
  );
}

/** Points of an ellipse, at a share of its radius. */
const within = (r: RandomStream, at: Ellipse, low: number, high: number) => (): Point => {
  const angle = r.uniform(0, 2 * Math.PI);
  const share = r.uniform(low, high);
  const [u, v] = [share * at.across * Math.cos(angle), share * at.down * Math.sin(angle)];
  const [cos, sin] = [Math.cos(at.turn), Math.sin(at.turn)];
  return { x: at.x + cos * u - sin * v, y: at.y + sin * u + cos * v };
};

const along = (r: RandomStream, at: Ellipse) => (): Point => {
  const share = r.uniform(-0.6, 0.7) * at.down;
  return { x: at.x - share * Math.sin(at.turn), y: at.y + share * Math.cos(at.turn) };
};

const placed = (r: RandomStream, across: [number, number], flat: [number, number], tilt = 0.3): Ellipse => {
  const width = r.uniform(...across);
  return {
    x: r.uniform(-0.1, 0.1),
    y: r.uniform(-0.1, 0.1),
    across: width,
    down: Math.min(0.92, width * r.uniform(...flat)),
    turn: r.uniform(-tilt, tilt),
  };
};

const shrunk = (at: Ellipse, by: number): Ellipse => ({ ...at, across: at.across * by, down: at.down * by });

/** Skull, folded cortex, white matter, two cavities and a fissure: cut in any direction. */
function head(r: RandomStream): Body {
  const outer = placed(r, [0.6, 0.8], [1, 1.3]);
  const scalp = ellipse(r, outer, 0.02);
  const skull = ellipse(r, shrunk(outer, r.uniform(0.9, 0.95)), 0.02);
  const inside = shrunk(outer, r.uniform(0.8, 0.87));
  const brain = ellipse(r, inside, 0.03, 0.03);
  const white = ellipse(r, shrunk(inside, r.uniform(0.75, 0.85)), 0.1, 0.12);
  const folds = valueNoise(r, 9 + r.integer(8), 2, 0.5);
  const [fat, bone, fluid, grey, core] = [1, 0.05, 0.3, 0.5, 0.65].map((v) => v + r.uniform(-0.25, 0.25));
  const size = r.uniform(0.05, 0.14);
  const [cos, sin] = [Math.cos(inside.turn), Math.sin(inside.turn)];
  const cavities = [-1, 1].map((side) => {
    const off = side * r.uniform(0.1, 0.16);
    const at: Ellipse = {
      x: inside.x + cos * off,
      y: inside.y + sin * off,
      across: size,
      down: size * r.uniform(1.6, 3),
      turn: inside.turn + side * r.uniform(0.1, 0.5),
    };
    return ellipse(r, at, 0.03, 0.1);
  });
  const fissure = bar(
    inside.x - sin * inside.down,
    inside.y - cos * inside.down,
    inside.x + sin * inside.down,
    inside.y + cos * inside.down,
    0.012,
    0.02,
  );
  const split = r.uniform() < 0.6 ? r.uniform(0.2, 0.6) : 0;
  return {
    organ: brain,
    interior: within(r, inside, 0.15, 0.75),
    border: within(r, inside, 0.92, 1),
    midline: along(r, inside),
    tissue: (x, y) => {
      const head = scalp(x, y);
      if (head < 0.01) return 0;
      const b = brain(x, y);
      const s = skull(x, y);
      let value = fat * (1 - s) + s * (1 - b) * (bone + fluid * 0.3);
      if (b > 0.01) {
        const w = white(x, y);
        const fold = Math.max(0, 1 - 4 * Math.abs(folds(x, y)));
        let inner = grey * (1 - w) * (1 - 0.6 * fold) + fluid * (1 - w) * 0.6 * fold + core * w;
        inner += 0.04 * folds(y, x);
        for (const cavity of cavities) {
          const c = cavity(x, y);
          inner = inner * (1 - c) + fluid * c;
        }
        if (split > 0) inner -= split * (inner - fluid) * fissure(x, y);
        value += b * inner;
      }
      return head * value;
    },
  };
}

/** Two dark fields, ribs across them, a bright middle: a projection, where what lies in line adds up. */
function chest(r: RandomStream): Body {
  const torso = ellipse(r, { ...placed(r, [0.85, 1], [1, 1.2], 0.1), turn: 0 }, 0.08);
  const middle = r.uniform(-0.05, 0.05);
  const fields = [-1, 1].map((side): Ellipse => ({
    x: middle + side * r.uniform(0.36, 0.42),
    y: r.uniform(-0.1, 0.1),
    across: r.uniform(0.24, 0.32),
    down: r.uniform(0.55, 0.72),
    turn: side * r.uniform(0.05, 0.2),
  }));
  const lungs = fields.map((at) => ellipse(r, at, 0.06, 0.08));
  const heart = ellipse(
    r,
    { x: middle + 0.12, y: 0.25, across: r.uniform(0.22, 0.34), down: r.uniform(0.24, 0.34), turn: 0.4 },
    0.06,
  );
  const spacing = r.uniform(8, 13);
  const bend = r.uniform(0.5, 1.4);
  const [dark, ribs] = [r.uniform(0.4, 0.65), r.uniform(0.03, 0.14)];
  const vessels = valueNoise(r, 8, 3, 0.7);
  return {
    organ: (x, y) => Math.max(lungs[0](x, y), lungs[1](x, y)),
    interior: () => within(r, fields[r.integer(2)], 0, 0.75)(),
    border: () => within(r, fields[r.integer(2)], 0.92, 1)(),
    midline: () => ({ x: middle + r.uniform(-0.08, 0.08), y: r.uniform(-0.5, 0.1) }),
    tissue: (x, y) => {
      const body = torso(x, y);
      if (body < 0.01) return 0;
      const air = Math.max(lungs[0](x, y), lungs[1](x, y));
      const away = x - middle;
      const rib = Math.max(0, Math.sin(spacing * (y + bend * away * away)));
      const spine = Math.exp(-((away / 0.09) ** 2));
      return (
        body *
        (0.75 -
          dark * air * (1 - 0.8 * heart(x, y)) +
          air * 0.1 * Math.max(0, vessels(x, y)) * Math.exp(-2 * Math.abs(away)) +
          ribs * rib +
          0.2 * spine)
      );
    },
  };
}

/** A wide slice: fat, a large organ, two small ones, a spine, loops. */
function abdomen(r: RandomStream): Body {
  const outer = placed(r, [0.75, 0.92], [0.65, 0.85]);
  const skin = ellipse(r, outer, 0.02);
  const cavity = ellipse(r, shrunk(outer, r.uniform(0.78, 0.93)), 0.03);
  const side = r.uniform() < 0.5 ? -1 : 1;
  const large: Ellipse = {
    x: outer.x + side * outer.across * 0.38,
    y: outer.y - outer.down * 0.15,
    across: outer.across * r.uniform(0.4, 0.5),
    down: outer.down * r.uniform(0.5, 0.65),
    turn: r.uniform(-0.4, 0.4),
  };
  const liver = ellipse(r, large, 0.03, 0.12);
  const kidneys = [-1, 1].map((at) =>
    ellipse(
      r,
      {
        x: outer.x + at * outer.across * 0.45,
        y: outer.y + outer.down * 0.45,
        across: 0.1,
        down: 0.16,
        turn: at * 0.4,
      },
      0.02,
      0.1,
    ),
  );
  const spine = ellipse(
    r,
    { x: outer.x, y: outer.y + outer.down * 0.55, across: 0.13, down: 0.12, turn: 0 },
    0.03,
    0.12,
  );
  const loops = voronoi(r, 16 + r.integer(14));
  const grain = valueNoise(r, 10, 2, 0.6);
  const [fat, soft, liverValue, kidney, bone] = [0.15, 0.45, 0.55, 0.65, 0.95].map(
    (v) => v + r.uniform(-0.12, 0.12),
  );
  const over = (below: number, share: number, value: number): number => below + share * (value - below);
  return {
    organ: liver,
    interior: within(r, large, 0, 0.7),
    border: within(r, large, 0.9, 1),
    midline: () => ({ x: outer.x, y: outer.y + r.uniform(-0.5, 0.2) * outer.down }),
    tissue: (x, y) => {
      const body = skin(x, y);
      if (body < 0.01) return 0;
      let value = over(fat, cavity(x, y), soft + 0.12 * loops(x, y));
      value = over(value, liver(x, y), liverValue + 0.06 * grain(x, y));
      for (const one of kidneys) value = over(value, one(x, y), kidney);
      return body * over(value, spine(x, y), bone);
    },
  };
}

/** A half ellipse from one side of the picture, with strands of denser tissue. */
function breast(r: RandomStream): Body {
  const side = r.uniform() < 0.5 ? -1 : 1;
  const at: Ellipse = {
    x: side,
    y: r.uniform(-0.15, 0.15),
    across: r.uniform(1.1, 1.6),
    down: r.uniform(0.65, 0.9),
    turn: r.uniform(-0.15, 0.15),
  };
  const skin = ellipse(r, at, 0.03, 0.03);
  const dense = valueNoise(r, 5 + r.integer(5), 4, r.uniform(0.5, 0.8));
  const density = r.uniform(0.1, 0.5);
  const inside: Ellipse = { ...at, x: side * 0.6, across: at.across - 0.55, down: at.down * 0.8 };
  return {
    organ: skin,
    interior: within(r, inside, 0, 0.75),
    border: within(r, inside, 0.9, 1),
    midline: () => ({ x: side * r.uniform(0, 0.5), y: at.y }),
    tissue: (x, y) => {
      const body = skin(x, y);
      if (body < 0.01) return 0;
      const strands = Math.max(0, dense(x, y) + 0.2);
      return body * (0.25 + density * strands + 0.15 * Math.max(0, side * x));
    },
  };
}

/** Two or more long bones with bright borders, perhaps a joint between them. */
function limb(r: RandomStream): Body {
  const turn = r.uniform(-0.3, 0.3);
  const [u, v] = [Math.sin(turn), Math.cos(turn)];
  const count = 1 + r.integer(3);
  const width = r.uniform(0.1, 0.17);
  const joint = r.uniform() < 0.6 ? r.uniform(-0.4, 0.4) : null;
  const bones = Array.from({ length: count }, (_, i) => {
    const off = (i - (count - 1) / 2) * width * r.uniform(2.6, 3.2);
    const piece = (from: number, to: number, w: number): Pattern =>
      bar(off + u * from, v * from, off + u * to, v * to, w, 0.02);
    const parts = (w: number): Pattern[] =>
      joint === null
        ? [piece(-1.3, 1.3, w)]
        : [piece(-1.3, joint - w * 1.2 - 0.02, w), piece(joint + w * 1.2 + 0.02, 1.3, w)];
    return { off, whole: parts(width), marrow: parts(width * r.uniform(0.5, 0.75)) };
  });
  const flesh = bar(-u * 1.5, -v * 1.5, u * 1.5, v * 1.5, width * (1.6 * count + 1), 0.1);
  const texture = valueNoise(r, 14, 2, 0.8);
  const most = (patterns: readonly Pattern[], x: number, y: number): number =>
    patterns.reduce((high, pattern) => Math.max(high, pattern(x, y)), 0);
  const onBone = (across: [number, number]) => (): Point => {
    const bone = r.pick(bones);
    const along = r.uniform(-0.6, 0.6);
    const off = r.uniform(...across) * width * (r.uniform() < 0.5 ? -1 : 1);
    return { x: bone.off + u * along + v * off, y: v * along - u * off };
  };
  return {
    organ: flesh,
    interior: onBone([0, 0.6]),
    border: onBone([0.9, 1.3]),
    midline: () => ({ x: u * (joint ?? 0), y: v * (joint ?? 0) }),
    tissue: (x, y) => {
      let value = 0.3 * flesh(x, y);
      for (const { whole, marrow } of bones) {
        const w = most(whole, x, y);
        if (w < 0.01) continue;
        value += w * (0.6 - most(marrow, x, y) * (0.3 - 0.08 * texture(x, y)));
      }
      return value;
    },
  };
}

/** A fan of layered echoes. Its grain comes with the noise of the modality. */
function ultrasound(r: RandomStream): Body {
  const [apex, spread] = [r.uniform(-1.5, -1.1), r.uniform(0.5, 0.8)];
  const layers = r.uniform(5, 14);
  const wave = valueNoise(r, 3, 2, 0.5);
  const echoes = valueNoise(r, 12, 3, 0.8);
  const gain = r.uniform(0.2, 0.8);
  const body: Pattern = (x, y) => {
    const depth = Math.hypot(x, y - apex);
    const angle = Math.atan2(x, y - apex);
    if (depth < 0.35 || depth > 0.9 - apex) return 0;
    return 1 / (1 + Math.exp(Math.min(30, (Math.abs(angle) - spread) * 120)));
  };
  const at: Ellipse = { x: 0, y: 0.1, across: 0.55, down: 0.6, turn: 0 };
  return {
    organ: body,
    interior: within(r, at, 0, 0.8),
    border: within(r, at, 0.9, 1),
    midline: along(r, at),
    tissue: (x, y) => {
      const here = body(x, y);
      if (here < 0.01) return 0;
      const depth = Math.hypot(x, y - apex);
      const layer = Math.sin(layers * depth + 2 * wave(x, y));
      return here * Math.max(0.02, 0.4 + 0.15 * layer + 0.2 * echoes(x, y) - gain * 0.2 * (depth - 1));
    },
  };
}

/** A disc with a tree of vessels that leaves a bright spot. */
function fundus(r: RandomStream): Body {
  const at: Ellipse = {
    x: r.uniform(-0.05, 0.05),
    y: r.uniform(-0.05, 0.05),
    across: 0.88,
    down: 0.88,
    turn: 0,
  };
  const disc = ellipse(r, at, 0.03, 0.01);
  const away = r.uniform() < 0.5 ? -1 : 1;
  const origin = { x: away * r.uniform(0.3, 0.5), y: r.uniform(-0.15, 0.15) };
  const spot = ellipse(r, { ...origin, across: 0.13, down: 0.15, turn: 0 }, 0.03);
  // Drawn once, each branch where it is: the tree is asked for at every point.
  const side = 96;
  const tree = new Float32Array(side * side);
  const lattice = (value: number): number =>
    Math.max(0, Math.min(side - 1, Math.round(((value + 1) * side) / 2 - 0.5)));
  const branch = (x1: number, y1: number, x2: number, y2: number, width: number): void => {
    const shape = bar(x1, y1, x2, y2, width, 0.015);
    const room = width + 0.05;
    for (let row = lattice(Math.min(y1, y2) - room); row <= lattice(Math.max(y1, y2) + room); row++) {
      for (let at = lattice(Math.min(x1, x2) - room); at <= lattice(Math.max(x1, x2) + room); at++) {
        const value = shape(((at + 0.5) * 2) / side - 1, ((row + 0.5) * 2) / side - 1);
        tree[row * side + at] = Math.max(tree[row * side + at], value);
      }
    }
  };
  const grow = (x: number, y: number, angle: number, width: number, depth: number): void => {
    let [px, py, a] = [x, y, angle];
    for (let step = 0; step < 3; step++) {
      a += r.uniform(-0.3, 0.3);
      const length = r.uniform(0.14, 0.24);
      const [nx, ny] = [px + length * Math.cos(a), py + length * Math.sin(a)];
      branch(px, py, nx, ny, width);
      [px, py] = [nx, ny];
      if (depth > 0 && r.uniform() < 0.5)
        grow(px, py, a + r.uniform(0.4, 0.9) * (r.uniform() < 0.5 ? -1 : 1), width * 0.7, depth - 1);
    }
  };
  for (const start of [-2.2, -1, 1, 2.2])
    grow(
      origin.x,
      origin.y,
      start + r.uniform(-0.3, 0.3) + (away > 0 ? Math.PI : 0),
      r.uniform(0.012, 0.022),
      1,
    );
  const shade = valueNoise(r, 3, 2, 0.5);
  const [ground, bright, dark] = [r.uniform(0.35, 0.6), r.uniform(0.25, 0.4), r.uniform(0.15, 0.35)];
  return {
    organ: disc,
    interior: within(r, at, 0.1, 0.75),
    border: within(r, at, 0.8, 0.9),
    midline: () => ({ x: -origin.x + r.uniform(-0.1, 0.1), y: r.uniform(-0.1, 0.1) }),
    tissue: (x, y) => {
      const here = disc(x, y);
      if (here < 0.01) return 0;
      const vessel = tree[lattice(y) * side + lattice(x)];
      return here * (ground + 0.08 * shade(x, y) + bright * spot(x, y) - dark * vessel);
    },
  };
}

export const bodies: readonly { name: string; draw: (r: RandomStream) => Body }[] = [
  { name: 'head', draw: head },
  { name: 'chest', draw: chest },
  { name: 'abdomen', draw: abdomen },
  { name: 'breast', draw: breast },
  { name: 'limb', draw: limb },
  { name: 'ultrasound', draw: ultrasound },
  { name: 'fundus', draw: fundus },
];
