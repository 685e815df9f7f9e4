import { RandomStream } from '../../src-main/platform/random.ts';
import { type Field, paint } from '../../src-main/samples/drawing-field.ts';
import { finish } from '../../src-main/samples/pretraining/finish.ts';
import { bodies } from '../../src-main/samples/pretraining/phantom-bodies.ts';
import { phantomFindings } from '../../src-main/samples/pretraining/phantom-findings.ts';

/** What is found in drawn projections of a chest: a task small enough for a processor to learn within minutes. */
export const chestFindings: readonly string[] = phantomFindings.map(({ name }) => name);

/** One of them; the same seed and index always give the same. */
export function drawChestFinding(
  seed: number,
  index: number,
  size: number,
): { pixels: Float32Array; label: number } {
  const random = new RandomStream(seed, 'chest findings', index);
  const label = random.integer(phantomFindings.length);
  const field: Field = { size, pixels: new Float32Array(size * size) };
  const body = bodies.find(({ name }) => name === 'chest')!.draw(random);
  const finding = phantomFindings[label].draw(random, body);
  paint(field, (x, y) => finding(body.tissue(x, y), x, y));
  finish(field, random);
  return { pixels: field.pixels, label };
}
