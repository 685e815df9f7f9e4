import type { RandomStream } from '../platform/random.ts';
import type { Ball, ChestAnatomy, Strand } from './chest-anatomy.ts';
import { outlineRadius } from './chest-anatomy.ts';
import type { Raster } from './raster.ts';
import { clamp, raster, smoothStep, valueNoise } from './raster.ts';

/** The pixel grid of a slice. */
export interface SliceGrid {
  rows: number;
  columns: number;
  /** Millimetres between pixels. */
  spacing: number;
}

/** Millimetres over which an edge passes from one tissue to another. */
const softness = 1;

/**
 * Draws one axial slice of a chest, noise-free, as an ideal scanner would see it.
 *
 * @param z height of the slice in millimetres; the lesion, if any, is near 0
 * @param stream for the texture of the tissues
 * @returns Hounsfield units
 */
export function drawSlice(anatomy: ChestAnatomy, z: number, grid: SliceGrid, stream: RandomStream): Raster {
  const slice = raster(grid.columns, grid.rows);
  const solid = raster(grid.columns, grid.rows);
  const place = placer(anatomy, grid);
  drawTissues(slice, anatomy, z, place, stream);
  const lung = Float32Array.from(slice.values);

  for (const band of anatomy.bands) stampStrand(solid, band, band.from[2], place, 1);
  blend(slice, lung, solid, () => anatomy.bandDensity);
  for (const vessel of anatomy.vessels) stampStrand(solid, vessel, z, place, 1);
  blend(slice, lung, solid, () => anatomy.vesselDensity);
  for (const bulla of anatomy.bullae) stampBall(solid, bulla, z, place);
  blend(slice, lung, solid, () => -985);
  if (anatomy.lesion) {
    const { core, spicules, density, texture } = anatomy.lesion;
    for (const spicule of spicules) stampStrand(solid, spicule, z, place, 1);
    stampBall(solid, core, z, place);
    const grain = valueNoise(stream, grid.columns, grid.rows, 3 / grid.spacing).values;
    blend(slice, lung, solid, (index) => density + texture * grain[index]);
  }
  for (const granuloma of anatomy.granulomas) stampBall(solid, granuloma, z, place);
  blend(slice, lung, solid, () => 420);
  return slice;
}

interface Placer {
  /** Millimetres of the anatomy from pixels, and back. */
  toAnatomy(x: number, y: number): [number, number];
  toPixels(x: number, y: number): [number, number];
  spacing: number;
}

function placer(anatomy: ChestAnatomy, grid: SliceGrid): Placer {
  const side = anatomy.mirrored ? -1 : 1;
  const cosine = Math.cos(anatomy.tilt);
  const sine = Math.sin(anatomy.tilt);
  const [offsetX, offsetY] = anatomy.offset;
  const { spacing, rows, columns } = grid;
  return {
    spacing,
    toAnatomy(x, y) {
      const u = side * (x + 0.5 - columns / 2) * spacing - offsetX;
      const v = (y + 0.5 - rows / 2) * spacing - offsetY;
      return [cosine * u + sine * v, cosine * v - sine * u];
    },
    toPixels(x, y) {
      const u = cosine * x - sine * y + offsetX;
      const v = cosine * y + sine * x + offsetY;
      return [(side * u) / spacing + columns / 2 - 0.5, v / spacing + rows / 2 - 0.5];
    },
  };
}

/** Puts `density` where `solid` is, but only inside the lung, and clears `solid`. */
function blend(slice: Raster, lung: Float32Array, solid: Raster, density: (index: number) => number): void {
  for (let index = 0; index < lung.length; index++) {
    const share = solid.values[index];
    if (share === 0) continue;
    solid.values[index] = 0;
    if (lung[index] > -300) continue;
    slice.values[index] += share * (density(index) - slice.values[index]);
  }
}

function drawTissues(
  slice: Raster,
  anatomy: ChestAnatomy,
  z: number,
  place: Placer,
  stream: RandomStream,
): void {
  const { width, height, values } = slice;
  const { heart, wall } = anatomy;
  const coarse = valueNoise(stream, width, height, 9 / place.spacing).values;
  const fine = valueNoise(stream, width, height, 2.2 / place.spacing).values;
  // The lung widens towards its base.
  const scale = 1 - 0.0022 * z;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      const [u, v] = place.toAnatomy(x, y);
      const angle = Math.atan2(v, u);
      const beyond = Math.hypot(u, v) - scale * outlineRadius(anatomy.outline, angle);
      const grain = anatomy.coarseTexture * coarse[index] + anatomy.fineTexture * fine[index];
      const lung = anatomy.lungDensity + anatomy.gravity * v + grain;
      const heartEdge = (1 - Math.hypot((u - heart.x) / heart.a, (v - heart.y) / heart.b)) * heart.a;
      const outside = Math.max(beyond, heartEdge);
      if (outside < -softness) {
        values[index] = lung;
        continue;
      }
      const wallDensity = chestWall(anatomy, wall, beyond, angle, z) + 0.25 * grain;
      const tissue =
        heartEdge > 0 ? 42 + 0.3 * grain : mediastinum(anatomy, u, v, wallDensity, beyond, angle);
      values[index] = lung + smoothStep(-softness, softness, outside) * (tissue - lung);
    }
  }
}

/** From the pleura outwards: muscle with ribs in it, fat, skin, air. */
function chestWall(
  anatomy: ChestAnatomy,
  wall: ChestAnatomy['wall'],
  beyond: number,
  angle: number,
  z: number,
): number {
  const medial = smoothStep(0.1, 0.7, -Math.cos(angle));
  const muscleEnd = 9 + wall.muscle + 200 * medial;
  const fatEnd = muscleEnd + wall.fat;
  if (beyond > fatEnd + 2.5) return -1000;
  let density = beyond < muscleEnd ? 50 : beyond < fatEnd ? -95 : 20;
  for (const rib of anatomy.ribs) {
    const along = Math.abs(angle - rib.angle - 0.01 * rib.slope * z) / rib.halfLength;
    if (along > 1.3) continue;
    const across = (beyond - rib.depth - 3.4) / 3.6;
    const distance = Math.sqrt(along ** 4 + across * across);
    const bone = 1 - smoothStep(0.9, 1.15, distance);
    if (bone > 0) density += bone * (260 + 420 * smoothStep(0.4, 0.85, distance) - density);
  }
  return density;
}

/** Spine, great vessel and fat between the lungs. */
function mediastinum(
  anatomy: ChestAnatomy,
  u: number,
  v: number,
  wall: number,
  beyond: number,
  angle: number,
): number {
  if (Math.cos(angle) > -0.35 || beyond < 0) return wall;
  const { heart } = anatomy;
  const spine = Math.hypot(u + 92, v - heart.y - 78);
  if (spine < 21) return 180 + 380 * smoothStep(16, 20, spine) - 120 * smoothStep(20, 21, spine);
  const aorta = Math.hypot(u + 74, v - heart.y - 55);
  if (aorta < 11) return 45;
  return -70 + 110 * smoothStep(0.35, 0.9, Math.sin(0.09 * u + heart.x) * Math.cos(0.07 * v + heart.y) + 0.5);
}

/** The share of each pixel that a strand fills, where its distance in space to the slice allows it. */
function stampStrand(solid: Raster, strand: Strand, z: number, place: Placer, strength: number): void {
  const { from, to, fromRadius, toRadius } = strand;
  const reach = Math.max(fromRadius, toRadius) + softness;
  if (Math.min(from[2], to[2]) - reach > z || Math.max(from[2], to[2]) + reach < z) return;
  const [startX, startY] = place.toPixels(from[0], from[1]);
  const [endX, endY] = place.toPixels(to[0], to[1]);
  const box = pixelBox(
    solid,
    Math.min(startX, endX),
    Math.max(startX, endX),
    Math.min(startY, endY),
    Math.max(startY, endY),
    reach / place.spacing,
  );
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const dz = to[2] - from[2];
  const squared = dx * dx + dy * dy + dz * dz;
  for (let y = box.top; y <= box.bottom; y++) {
    for (let x = box.left; x <= box.right; x++) {
      const [u, v] = place.toAnatomy(x, y);
      const along = clamp(((u - from[0]) * dx + (v - from[1]) * dy + (z - from[2]) * dz) / squared);
      const distance = Math.hypot(
        u - from[0] - along * dx,
        v - from[1] - along * dy,
        z - from[2] - along * dz,
      );
      const radius = fromRadius + along * (toRadius - fromRadius);
      fill(solid, y * solid.width + x, radius - distance, strength * Math.min(1, (2 * radius) / softness));
    }
  }
}

function stampBall(solid: Raster, ball: Ball, z: number, place: Placer): void {
  const height = z - ball.center[2];
  const size = ball.radius * ball.radius - height * height;
  if (size <= 0.1) return;
  const radius = Math.sqrt(size);
  const [centerX, centerY] = place.toPixels(ball.center[0], ball.center[1]);
  const box = pixelBox(
    solid,
    centerX,
    centerX,
    centerY,
    centerY,
    (1.4 * radius) / ball.flattening / place.spacing + 2,
  );
  const cosine = Math.cos(ball.angle);
  const sine = Math.sin(ball.angle);
  const stretch = Math.sqrt(ball.flattening);
  for (let y = box.top; y <= box.bottom; y++) {
    for (let x = box.left; x <= box.right; x++) {
      const [u, v] = place.toAnatomy(x, y);
      const along = (cosine * (u - ball.center[0]) + sine * (v - ball.center[1])) * stretch;
      const across = (cosine * (v - ball.center[1]) - sine * (u - ball.center[0])) / stretch;
      const angle = Math.atan2(across, along);
      let edge = radius;
      for (const { k, amplitude, phase } of ball.waves)
        edge += radius * amplitude * Math.cos(k * angle + phase);
      fill(solid, y * solid.width + x, edge - Math.hypot(along, across), 1);
    }
  }
}

function pixelBox(
  solid: Raster,
  left: number,
  right: number,
  top: number,
  bottom: number,
  margin: number,
): { left: number; right: number; top: number; bottom: number } {
  return {
    left: Math.max(0, Math.floor(left - margin)),
    right: Math.min(solid.width - 1, Math.ceil(right + margin)),
    top: Math.max(0, Math.floor(top - margin)),
    bottom: Math.min(solid.height - 1, Math.ceil(bottom + margin)),
  };
}

/** `depth` is how far inside the edge a pixel lies, in millimetres. */
function fill(solid: Raster, index: number, depth: number, strength: number): void {
  const share = strength * clamp(0.5 + depth / softness);
  if (share > solid.values[index]) solid.values[index] = share;
}
