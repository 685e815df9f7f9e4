import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { distance, TOLERANCE } from './comparisons/comparison.ts';
import { comparisons } from './comparisons/index.ts';

const page = readFileSync(new URL('../../docs/statistics.md', import.meta.url), 'utf8');

describe.each(Object.values(comparisons).flat())('$name', ({ name, reference, pairs }) => {
  it(`equals ${reference}`, () => {
    const all = pairs();
    expect(all.length).toBeGreaterThan(0);
    for (const [found, expected] of all) {
      expect(distance(found, expected), `${found} for ${expected}`).toBeLessThan(TOLERANCE);
    }
  });

  it('stands with its reference in the page on statistics', () => {
    expect(page).toContain(`| \`${name}\` | ${reference} |`);
  });
});
