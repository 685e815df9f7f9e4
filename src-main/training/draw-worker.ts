import { serveTasks } from '../platform/worker-pool.ts';

/** A batch of images to draw with a function of some module. */
export interface DrawTask {
  module: string;
  exportName: string;
  seed: number;
  size: number;
  start: number;
  count: number;
}

export interface DrawnBatch {
  pixels: Float32Array;
  labels: number[];
}

type Draw = (seed: number, index: number, size: number) => { pixels: Float32Array; label: number };

serveTasks<DrawTask, DrawnBatch>(async ({ module, exportName, seed, size, start, count }) => {
  const draw = ((await import(module)) as Record<string, Draw>)[exportName];
  const pixels = new Float32Array(count * size * size);
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const image = draw(seed, start + i, size);
    pixels.set(image.pixels, i * size * size);
    labels.push(image.label);
  }
  return { pixels, labels };
});
