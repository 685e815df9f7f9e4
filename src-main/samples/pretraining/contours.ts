import { RandomStream } from '../../platform/random.ts';
import { type Field, paint } from '../drawing-field.ts';

/** What all contours of a category share. */
export interface ContourCategory {
  /** Whole waves around the contour, and how deep each is. */
  waves: readonly { frequency: number; depth: number }[];
  /** Closed lines within one another. */
  rings: number;
  /** Above 1 the lines stand closer together outside. */
  spacing: number;
  /** Width of a line as a share of the distance between two. */
  width: number;
  /** Depth and fineness of what is irregular. */
  roughness: number;
  fineness: number;
}

const CATEGORY_SEED = 20_220;
const ANGLES = 512;

/**
 * Categories of radial contours (RCDB: Kataoka et al. 2022, "Replacing labeled real-image datasets with auto-generated
 * contours") whose radius is a sum of waves (visual atoms: Takashima et al. 2023).
 */
export function contourCategory(category: number): ContourCategory {
  const r = new RandomStream(CATEGORY_SEED, 'contour', category);
  const waves = Array.from({ length: 1 + r.integer(3) }, () => ({
    frequency: 2 + r.integer(15),
    depth: r.uniform(0.06, 0.3),
  }));
  return {
    waves,
    rings: 1 + Math.floor(14 * r.uniform() ** 1.5),
    spacing: r.uniform(0.6, 1.6),
    width: r.uniform(0.12, 0.6),
    roughness: r.uniform() < 0.5 ? 0 : r.uniform(0.03, 0.15),
    fineness: 10 + r.integer(40),
  };
}

/** One instance: where the waves begin, size, place, flattening and turn are its own. */
export function drawContour(field: Field, category: ContourCategory, r: RandomStream): void {
  const radii = new Float32Array(ANGLES + 1);
  const waves = category.waves.map((wave) => ({
    ...wave,
    depth: wave.depth * r.uniform(0.85, 1.15),
    phase: r.uniform(0, 2 * Math.PI),
  }));
  const irregular = Float32Array.from({ length: category.fineness }, () => r.uniform(-1, 1));
  for (let i = 0; i < ANGLES; i++) {
    const angle = (i / ANGLES) * 2 * Math.PI;
    const at = (i / ANGLES) * category.fineness;
    const [low, share] = [Math.floor(at), at - Math.floor(at)];
    const [from, to] = [irregular[low], irregular[(low + 1) % category.fineness]];
    radii[i] = waves.reduce(
      (sum, { frequency, depth, phase }) => sum + depth * Math.sin(frequency * angle + phase),
      1 + category.roughness * (from + share * (to - from)),
    );
  }
  radii[ANGLES] = radii[0];
  const scale = r.uniform(0.45, 0.75);
  const [x0, y0] = [r.uniform(-0.25, 0.25), r.uniform(-0.25, 0.25)];
  const turn = r.uniform(0, 2 * Math.PI);
  const flat = r.uniform(0.7, 1);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const { rings, spacing, width } = category;
  const strength = r.uniform(0.4, 0.9) * (r.uniform() < 0.3 ? -1 : 1);
  const filled = r.uniform() < 0.3 ? r.uniform(0.1, 0.4) : 0;
  paint(field, (px, py) => {
    const dx = px - x0;
    const dy = py - y0;
    const u = (cos * dx + sin * dy) / scale;
    const v = (cos * dy - sin * dx) / (scale * flat);
    const turns = ((Math.atan2(v, u) / (2 * Math.PI) + 1) * ANGLES) % ANGLES;
    const low = Math.floor(turns);
    const radius = radii[low] + (turns - low) * (radii[low + 1] - radii[low]);
    const depth = Math.sqrt(u * u + v * v) / Math.max(0.1, radius);
    if (depth > 1 + 1 / rings) return 0;
    const at = depth ** spacing * rings;
    const off = Math.abs(at - Math.max(1, Math.round(at)));
    const line = Math.max(0, 1 - off / width);
    return strength * Math.max(line, depth < 1 ? filled : 0);
  });
}
