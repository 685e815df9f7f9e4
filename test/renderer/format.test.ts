import { describe, expect, it } from 'vitest';
import { bytes, duration, percent, plural } from '../../src-renderer/lib/format.ts';

describe('what a person reads', () => {
  it.each([
    [0.2, 'under a second'],
    [42.4, '42 s'],
    [59.7, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min'],
  ])('%d seconds are "%s"', (seconds, text) => expect(duration(seconds)).toBe(text));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_400_000, '1.4 MB'],
    [23_500_000_000, '23.5 GB'],
  ])('%d bytes are "%s"', (value, text) => expect(bytes(value)).toBe(text));

  it('counts one and many', () => {
    expect(plural(1, 'image')).toBe('1 image');
    expect(plural(12_345, 'image')).toBe('12,345 images');
    expect(percent(0.7342)).toBe('73.4 %');
  });
});
