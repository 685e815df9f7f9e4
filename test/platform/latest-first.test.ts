import { describe, expect, it } from 'vitest';
import { LatestFirst } from '../../src-main/platform/latest-first.ts';

/** Tasks that end when they are told to, and the order in which they began. */
function tasks() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    task: (name: string) => () =>
      new Promise<string>((resolve) => {
        begun.push(name);
        ends.set(name, () => resolve(name));
      }),
    end: async (name: string): Promise<void> => {
      ends.get(name)!();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

describe('pictures that wait to be made', () => {
  it('are begun newest first', async () => {
    const { begun, task, end } = tasks();
    const queue = new LatestFirst(1, 10);
    const results = ['a', 'b', 'c'].map((name) => queue.run(task(name)));
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'c']);
    await end('c');
    await end('b');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
  });

  it('are never begun once nobody waits for them', async () => {
    const { begun, task, end } = tasks();
    const queue = new LatestFirst(1, 10);
    const gone = new AbortController();
    void queue.run(task('a'));
    const dropped = queue.run(task('b'), gone.signal);
    gone.abort();
    await expect(dropped).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(queue.run(task('c'), gone.signal)).rejects.toMatchObject({ kind: 'cancelled' });
    await end('a');
    expect(begun).toEqual(['a']);
  });

  it('give up the oldest when too many wait, and all of them on request', async () => {
    const { begun, task, end } = tasks();
    const queue = new LatestFirst(1, 2);
    void queue.run(task('a'));
    const [b, c, d] = ['b', 'c', 'd'].map((name) => queue.run(task(name)));
    await expect(b).rejects.toMatchObject({ kind: 'cancelled' });
    queue.clear();
    await expect(c).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(d).rejects.toMatchObject({ kind: 'cancelled' });
    await end('a');
    expect(begun).toEqual(['a']);
  });

  it('go on after one that failed', async () => {
    const queue = new LatestFirst(1, 10);
    const failed = queue.run(() => Promise.reject(new Error('no picture')));
    const next = queue.run(() => Promise.resolve('next'));
    await expect(failed).rejects.toThrow('no picture');
    expect(await next).toBe('next');
  });
});
