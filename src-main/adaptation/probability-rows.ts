/**
 * Softmax of rows of logits; where two classes share one output, that of 0 and of it.
 *
 * @param images how many rows there are
 * @returns `[images, classes]`
 */
export function probabilityRows(logits: Float32Array, images: number, classes: number): Float32Array {
  const units = logits.length / images;
  const rows = new Float32Array(images * classes);
  for (let i = 0; i < images; i++) {
    const own = logits.subarray(i * units, (i + 1) * units);
    const row = units === 1 ? [0, own[0]] : [...own];
    const most = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    powers.forEach((power, c) => (rows[i * classes + c] = power / sum));
  }
  return rows;
}
