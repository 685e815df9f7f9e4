import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { AppEvent } from '../../../src-main/contract/events.ts';
import type { Job } from '../../../src-main/contract/job.ts';
import { streamEvents } from '../../../src-main/shell/host/event-stream.ts';

class SlowPage extends EventEmitter {
  writableLength = 0;
  readonly written: string[] = [];

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }

  get events(): AppEvent[] {
    return this.written.filter((text) => text.startsWith('data:')).map((text) => JSON.parse(text.slice(5)));
  }
}

const job = (done: number): AppEvent => ({
  kind: 'job',
  job: { id: 1, progress: { done } } as unknown as Job,
});

describe('events for a page', () => {
  it('are told one by one while the page keeps up', () => {
    const page = new SlowPage();
    let tell: (event: AppEvent) => void = () => {};
    const stop = streamEvents(page as unknown as ServerResponse, (listener) => {
      tell = listener;
      return () => {};
    });
    tell(job(1));
    tell(job(2));
    stop();
    expect(page.events).toEqual([job(1), job(2)]);
  });

  it('are held back from a page that does not, the latest of each thing', () => {
    const page = new SlowPage();
    let tell: (event: AppEvent) => void = () => {};
    const stop = streamEvents(page as unknown as ServerResponse, (listener) => {
      tell = listener;
      return () => {};
    });
    page.writableLength = 10 ** 6;
    for (let done = 0; done < 10_000; done++) tell(job(done));
    tell({ kind: 'changed', what: 'runs' });
    tell({ kind: 'changed', what: 'runs' });
    expect(page.events).toEqual([]);
    page.writableLength = 0;
    page.emit('drain');
    stop();
    expect(page.events).toEqual([job(9_999), { kind: 'changed', what: 'runs' }]);
  });
});
