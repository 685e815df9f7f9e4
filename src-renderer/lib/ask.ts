import type { Bridge } from '../../src-main/contract/bridge.ts';
import type { CallInput, CallName, CallOutput } from '../../src-main/contract/calls/index.ts';
import { GraftError } from '../../src-main/contract/errors.ts';
import type { AppEvent } from '../../src-main/contract/events.ts';

declare global {
  interface Window {
    graft?: Bridge;
  }
}

function bridge(): Bridge {
  if (window.graft) return window.graft;
  throw new GraftError(
    'no-bridge',
    'Expected this page inside Graft, found it open by itself. Start Graft with npm start.',
  );
}

/**
 * Asks the application for something.
 *
 * @throws GraftError whatever the application says went wrong
 *
 * @example
 * const project = await ask('projects.open', { folder });
 */
export async function ask<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name>> {
  const answer = await bridge().call(name, input);
  if (answer.ok) return answer.value as CallOutput<Name>;
  throw GraftError.fromRecord(answer.error);
}

/** Hears what the application tells without being asked. Returns a function that stops it. */
export const listen = (listener: (event: AppEvent) => void): (() => void) => bridge().listen(listener);

/** Where a dropped file lies on this machine; null where the shell cannot know. */
export const pathOf = (file: File): string | null => bridge().pathOf(file);
