import type { labelCalls } from '../../contract/calls/labels.ts';
import type { Handlers } from './desk.ts';

export const labelHandlers: Handlers<typeof labelCalls> = {};
