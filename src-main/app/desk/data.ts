import type { dataCalls } from '../../contract/calls/data.ts';
import type { Handlers } from './desk.ts';

export const dataHandlers: Handlers<typeof dataCalls> = {};
