import { z } from 'zod';
import type { Answer } from '../../contract/call.ts';
import { calls, type CallName, type Calls } from '../../contract/calls/index.ts';
import { GraftError } from '../../contract/errors.ts';
import type { AppEvent } from '../../contract/events.ts';
import type { Resource } from '../../contract/resources.ts';
import { adaptationHandlers } from './adaptations.ts';
import { crossValidationHandlers } from './cross-validations.ts';
import { dataHandlers } from './data.ts';
import { Desk, type Handlers, type ShellServices } from './desk.ts';
import { evaluationHandlers } from './evaluations.ts';
import { exchangeHandlers } from './exchange.ts';
import { explanationHandlers } from './explanations.ts';
import { jobHandlers } from './jobs.ts';
import { labelHandlers } from './labels.ts';
import { modelHandlers } from './models.ts';
import { planHandlers } from './plans.ts';
import { projectHandlers } from './projects.ts';
import { reportHandlers } from './reports.ts';
import { readResource } from './resources.ts';
import { runHandlers } from './runs.ts';
import { sweepHandlers } from './sweeps.ts';

export type { ShellServices } from './desk.ts';

const handlers: Handlers<Calls> = {
  ...projectHandlers,
  ...jobHandlers,
  ...dataHandlers,
  ...labelHandlers,
  ...modelHandlers,
  ...planHandlers,
  ...runHandlers,
  ...sweepHandlers,
  ...adaptationHandlers,
  ...evaluationHandlers,
  ...crossValidationHandlers,
  ...explanationHandlers,
  ...reportHandlers,
  ...exchangeHandlers,
};

/** The contract's other end: what a window shell passes on, whichever shell it is. */
export interface DeskApp {
  /** Checks the input, does the call, and answers; it never throws. */
  call(name: string, input: unknown): Promise<Answer>;
  /** Answers an address of resources.ts; it never throws. What nobody waits for any more can be aborted. */
  resource(path: string, signal?: AbortSignal): Promise<Resource>;
  /** @returns takes the listener away again */
  listen(listener: (event: AppEvent) => void): () => void;
  /** Whether something runs or waits that closing would interrupt. */
  isBusy(): boolean;
  /** Cancels what runs, and closes the project. */
  close(): Promise<void>;
}

export function createDesk(shell: ShellServices = {}): DeskApp {
  const desk = new Desk(shell);
  return {
    call: async (name, input) => {
      try {
        return { ok: true, value: await dispatch(desk, name, input) };
      } catch (thrown) {
        return { ok: false, error: GraftError.from(thrown).toRecord() };
      }
    },
    resource: async (path, signal) => {
      try {
        return await readResource(desk, path, signal);
      } catch (thrown) {
        const { code, message } = GraftError.from(thrown);
        const body = new TextEncoder().encode(JSON.stringify({ code, message }));
        return { status: 422, type: 'application/json', body };
      }
    },
    listen: (listener) => desk.listen(listener),
    isBusy: () => desk.isOpen && desk.session.jobs.isBusy,
    close: () => desk.close(),
  };
}

async function dispatch(desk: Desk, name: string, input: unknown): Promise<unknown> {
  if (!Object.hasOwn(calls, name)) {
    throw new GraftError('call-unknown', `Expected a call of the contract, found "${name}".`, {
      kind: 'bug',
    });
  }
  const parsed = calls[name as CallName].input.safeParse(input);
  if (!parsed.success) {
    throw new GraftError(
      'input-wrong',
      `What was given for ${name} does not fit: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`,
      { cause: parsed.error },
    );
  }
  const handler = handlers[name as CallName] as (input: unknown, desk: Desk) => unknown;
  return handler(parsed.data, desk);
}
