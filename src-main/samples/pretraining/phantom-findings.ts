import type { RandomStream } from '../../platform/random.ts';
import { contour, type Pattern, valueNoise } from '../drawing-field.ts';
import type { Body, Point } from './phantom-bodies.ts';
import { wavedRadius } from './waved-radius.ts';

/** Changes what is seen at a point: the tissue as it would be without the finding, and after it. */
export type Finding = (tissue: number, x: number, y: number) => number;

const nothing: Finding = (tissue) => tissue;

/** How a finding differs from its surroundings: brighter or darker, clearly or hardly. */
const strengthOf = (r: RandomStream): number => r.uniform(0.18, 0.6) * (r.uniform() < 0.35 ? -1 : 1);

function blob(r: RandomStream, at: Point, radius: number, edge: number, wave = 0.12): Pattern {
  const waved = wavedRadius(r, [2, 3, 4], wave);
  return contour(at.x, at.y, (angle) => radius * waved(angle), edge);
}

/** Bordered evenly, of one value. */
function smoothMass(r: RandomStream, body: Body): Finding {
  const mass = blob(r, body.interior(), r.uniform(0.1, 0.24), r.uniform(0.02, 0.05));
  const strength = strengthOf(r);
  return (tissue, x, y) => tissue + strength * mass(x, y) * body.organ(x, y);
}

/** Bordered by spikes. */
function spiculatedMass(r: RandomStream, body: Body): Finding {
  const at = body.interior();
  const radius = r.uniform(0.08, 0.18);
  const count = 9 + r.integer(10);
  const spikes = Float32Array.from({ length: count }, () => r.uniform(0.3, 1.4));
  const mass = contour(
    at.x,
    at.y,
    (angle) => {
      const turn = (angle / (2 * Math.PI)) * count;
      const off = Math.abs(2 * (turn - Math.floor(turn)) - 1);
      return radius * (0.7 + spikes[Math.floor(turn) % count] * (1 - off) ** 2);
    },
    0.02,
  );
  const strength = strengthOf(r);
  return (tissue, x, y) => tissue + strength * mass(x, y) * body.organ(x, y);
}

/** A rim that differs from what it holds, with a swelling around it. */
function ring(r: RandomStream, body: Body): Finding {
  const at = body.interior();
  const radius = r.uniform(0.12, 0.26);
  const outer = blob(r, at, radius, 0.025);
  const inner = blob(r, at, radius * r.uniform(0.55, 0.8), 0.03);
  const around = blob(r, at, radius * r.uniform(1.2, 1.9), 0.2, 0.25);
  const strength = Math.abs(strengthOf(r));
  const [core, swelling] = [r.uniform(-0.3, 0.1), r.uniform(-0.15, 0.15)];
  return (tissue, x, y) => {
    const [o, i] = [outer(x, y), inner(x, y)];
    return tissue + body.organ(x, y) * (strength * (o - i) + core * i + swelling * (around(x, y) - o));
  };
}

/** Without a border: patchy, irregular, fading into what is around it. */
function infiltrate(r: RandomStream, body: Body): Finding {
  const region = blob(r, body.interior(), r.uniform(0.2, 0.4), r.uniform(0.15, 0.3), 0.35);
  const patches = valueNoise(r, 7 + r.integer(6), 3, 0.7);
  const strength = strengthOf(r);
  return (tissue, x, y) => {
    const here = region(x, y);
    return here < 0.02 ? tissue : tissue + strength * here * body.organ(x, y) * (0.55 + 0.6 * patches(x, y));
  };
}

/** Three to nine small round ones. */
function nodules(r: RandomStream, body: Body): Finding {
  const each = Array.from({ length: 3 + r.integer(7) }, () =>
    blob(r, body.interior(), r.uniform(0.035, 0.08), 0.02, 0.08),
  );
  const strength = strengthOf(r);
  return (tissue, x, y) => {
    const most = each.reduce((high, one) => Math.max(high, one(x, y)), 0);
    return most < 0.01 ? tissue : tissue + strength * most * body.organ(x, y);
  };
}

/** Grains of a pixel or two, close together. */
function grains(r: RandomStream, body: Body): Finding {
  const centre = body.interior();
  const reach = r.uniform(0.08, 0.22);
  const each = Array.from({ length: 8 + r.integer(18) }, () => ({
    x: centre.x + reach * r.normal(),
    y: centre.y + reach * r.normal(),
    size: r.uniform(0.012, 0.026),
  }));
  const strength = r.uniform(0.35, 0.8);
  return (tissue, x, y) => {
    if (Math.abs(x - centre.x) > 4 * reach || Math.abs(y - centre.y) > 4 * reach) return tissue;
    let most = 0;
    for (const one of each) {
      const squared = ((x - one.x) ** 2 + (y - one.y) ** 2) / one.size ** 2;
      if (squared < 9) most = Math.max(most, Math.exp(-squared));
    }
    return tissue + strength * most;
  };
}

/** Sits on the border of the organ with a broad base. */
function borderMass(r: RandomStream, body: Body): Finding {
  const mass = blob(r, body.border(), r.uniform(0.14, 0.28), r.uniform(0.02, 0.04), 0.08);
  const strength = strengthOf(r);
  return (tissue, x, y) => tissue + strength * mass(x, y) * body.organ(x, y);
}

/** Small, on the line of symmetry. */
function midlineMass(r: RandomStream, body: Body): Finding {
  const mass = blob(r, body.midline(), r.uniform(0.07, 0.15), 0.03);
  const strength = strengthOf(r);
  return (tissue, x, y) => tissue + strength * mass(x, y);
}

/** The lower part of the organ filled up to a level. */
function fluidLevel(r: RandomStream, body: Body): Finding {
  const level = r.uniform(0.1, 0.5);
  const [slope, curve] = [r.uniform(-0.15, 0.15), r.uniform(0, 0.4)];
  const value = r.uniform(0.5, 0.9);
  const side = r.uniform() < 0.6 ? (r.uniform() < 0.5 ? -1 : 1) : 0;
  return (tissue, x, y) => {
    if (side !== 0 && x * side < 0) return tissue;
    const below =
      1 / (1 + Math.exp(Math.max(-30, Math.min(30, -(y - level - slope * x + curve * x * x) * 40))));
    return tissue + below * body.organ(x, y) * (value - tissue) * 0.9;
  };
}

/** Where the organ is bent towards one point: an effect of mass without a mass. */
function distortion(r: RandomStream, body: Body): Finding {
  const at = body.interior();
  const reach = r.uniform(0.2, 0.4);
  const count = 5 + r.integer(8);
  const phase = r.uniform(0, 6);
  const strength = strengthOf(r);
  return (tissue, x, y) => {
    const [dx, dy] = [x - at.x, y - at.y];
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance > 2.5 * reach) return tissue;
    const lines = Math.max(0, Math.cos(count * Math.atan2(dy, dx) + phase)) ** 6;
    return tissue + strength * lines * Math.exp(-((distance / reach) ** 2)) * body.organ(x, y);
  };
}

export const phantomFindings: readonly { name: string; draw: (r: RandomStream, body: Body) => Finding }[] = [
  { name: 'no finding', draw: () => nothing },
  { name: 'smooth mass', draw: smoothMass },
  { name: 'spiculated mass', draw: spiculatedMass },
  { name: 'ring', draw: ring },
  { name: 'infiltrate', draw: infiltrate },
  { name: 'nodules', draw: nodules },
  { name: 'grains', draw: grains },
  { name: 'mass at the border', draw: borderMass },
  { name: 'mass on the midline', draw: midlineMass },
  { name: 'fluid level', draw: fluidLevel },
  { name: 'distortion', draw: distortion },
];
