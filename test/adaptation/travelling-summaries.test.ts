import { expect, test } from 'vitest';
import { adaptationVerdict, compareFigures, type ImageFigures } from '../../src-main/adaptation/index.ts';
import { compareWithSummaries, summariseFigures } from '../../src-main/adaptation/what-differs/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

function drawn(count: number, brightness: number, name: string): [ImageFigures[], string[]] {
  const random = new RandomStream(5, name);
  const images = Array.from({ length: count }, () => ({
    brightness: brightness + 0.1 * random.normal(),
    contrast: 0.2 + 0.02 * random.normal(),
    noise: 0.03 + 0.005 * random.normal(),
    smoothness: 2 + 0.4 * random.normal(),
  }));
  return [images, images.map((_, at) => `${name}-${at % 9}`)];
}

test('summaries over patients say as much of what differs as the images that they were taken of', () => {
  const source = drawn(40, 0.5, 'source');
  const target = drawn(30, 0.62, 'target');
  const whole = compareFigures(...source, ...target);
  const told = compareWithSummaries(summariseFigures(...source), ...target);
  expect(told.map(({ figure, named }) => [figure, named])).toEqual(
    whole.map(({ figure, named }) => [figure, named]),
  );
  expect(whole[0].named).toBe(true);
  told.forEach(({ effect, low, high, source: mean }, at) => {
    expect(effect).toBeCloseTo(whole[at].effect, 10);
    expect(low).toBeCloseTo(whole[at].low, 10);
    expect(high).toBeCloseTo(whole[at].high, 10);
    expect(mean).toBeCloseTo(whole[at].source, 10);
  });
});

test('one patient alone has no deviation to tell, and nothing is named by it', () => {
  const [images] = drawn(3, 0.5, 'one');
  const summary = summariseFigures(images, ['a', 'a', 'a']);
  expect(summary[0]).toMatchObject({ patients: 1, deviation: 0 });
  expect(compareWithSummaries(summary, ...drawn(30, 0.9, 'other')).some(({ named }) => named)).toBe(false);
});

test('without the source’s images nothing is claimed, and the reason is said', () => {
  const { state, alarm, reason } = adaptationVerdict(null, null, [], true);
  expect([state, alarm]).toEqual(['unknown', false]);
  expect(reason).toContain('stayed in another project');
});
