import { describe, expect, it } from 'vitest';
import { LoadingSlots } from '../../src-renderer/lib/loading-slots.ts';

describe('pictures that the page loads', () => {
  it('take so many places at once, the newest first, and none for what was scrolled away', () => {
    const begun: string[] = [];
    const slots = new LoadingSlots(1);
    const take = (name: string) => slots.take(() => begun.push(name));
    const a = take('a');
    take('b');
    const c = take('c');
    take('d');
    c();
    a();
    a();
    expect(begun).toEqual(['a', 'd']);
  });
});
