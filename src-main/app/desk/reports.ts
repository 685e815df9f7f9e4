import type { reportCalls } from '../../contract/calls/reports.ts';
import type { Handlers } from './desk.ts';

export const reportHandlers: Handlers<typeof reportCalls> = {};
