import { createDesk, type DeskApp } from '../../src-main/app/index.ts';
import type { CallInput, CallName, CallOutput } from '../../src-main/contract/calls/index.ts';
import { GraftError } from '../../src-main/contract/errors.ts';
import type { AppEvent } from '../../src-main/contract/events.ts';
import type { Job } from '../../src-main/contract/job.ts';

/** A desk as the page has it: calls that throw what went wrong, and what was told. */
export interface TestDesk {
  desk: DeskApp;
  events: AppEvent[];
  ask<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  /** The job when it has ended. */
  ended(job: Job): Promise<Job>;
}

export function testDesk(): TestDesk {
  const desk = createDesk();
  const events: AppEvent[] = [];
  const waiting = new Map<number, (job: Job) => void>();
  const over = (job: Job): boolean => job.state !== 'queued' && job.state !== 'running';
  desk.listen((event) => {
    events.push(event);
    if (event.kind === 'job' && over(event.job)) waiting.get(event.job.id)?.(event.job);
  });
  return {
    desk,
    events,
    ask: async (name, input) => {
      const answer = await desk.call(name, input);
      if (!answer.ok) throw GraftError.fromRecord(answer.error);
      return answer.value as never;
    },
    ended: (job) =>
      new Promise((resolve) => {
        const ended = events.find(
          (event): event is Extract<AppEvent, { kind: 'job' }> =>
            event.kind === 'job' && event.job.id === job.id && over(event.job),
        );
        if (ended) resolve(ended.job);
        else waiting.set(job.id, resolve);
      }),
  };
}
