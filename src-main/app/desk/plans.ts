import type { planCalls } from '../../contract/calls/plans.ts';
import type { Handlers } from './desk.ts';

export const planHandlers: Handlers<typeof planCalls> = {};
