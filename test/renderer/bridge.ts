import { vi } from 'vitest';
import type { Answer } from '../../src-main/contract/call.ts';
import type { AppEvent } from '../../src-main/contract/events.ts';

/** Plays the application for the page: answers by call, and a way to tell events. */
export function playBridge(answers: Record<string, (input: never) => unknown>): {
  call: ReturnType<typeof vi.fn<(name: string, input: unknown) => Promise<Answer>>>;
  tell: (event: AppEvent) => void;
} {
  const listeners = new Set<(event: AppEvent) => void>();
  const call = vi.fn(async (name: string, input: unknown): Promise<Answer> => {
    const answer = answers[name];
    if (!answer) {
      return { ok: false, error: { kind: 'expected', code: 'not-played', message: `No answer to ${name}.` } };
    }
    return { ok: true, value: answer(input as never) };
  });
  window.graft = {
    call,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pathOf: () => null,
  };
  return { call, tell: (event) => listeners.forEach((listener) => listener(event)) };
}
