// What a worker process draws in the tests: images whose brightness is their label.
export function drawTestImage(seed: number, index: number, size: number) {
  const label = index % 3;
  const pixels = new Float32Array(size * size).fill(0.2 + 0.3 * label);
  pixels[index % pixels.length] = seed / 100;
  return { pixels, label };
}
