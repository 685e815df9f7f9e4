import { serveTasks } from '../platform/worker-pool.ts';
import { readHeaderSync } from './header.ts';
import type { HeaderOutcome } from './types.ts';

serveTasks<string[], HeaderOutcome[]>((paths) => paths.map(readHeaderSync));
