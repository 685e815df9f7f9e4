import type { runCalls } from '../../contract/calls/runs.ts';
import type { Handlers } from './desk.ts';

export const runHandlers: Handlers<typeof runCalls> = {};
