import type { evaluationCalls } from '../../contract/calls/evaluations.ts';
import type { Handlers } from './desk.ts';

export const evaluationHandlers: Handlers<typeof evaluationCalls> = {};
