import type { modelCalls } from '../../contract/calls/models.ts';
import type { Handlers } from './desk.ts';

export const modelHandlers: Handlers<typeof modelCalls> = {};
