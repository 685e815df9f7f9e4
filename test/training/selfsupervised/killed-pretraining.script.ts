// Learns without labels, and kills itself with SIGKILL at the n-th moment at which it looks whether it should stop.
import { openExecutor } from '../../../src-main/engine/index.ts';
import { continueUnlabelled } from '../../../src-main/training/index.ts';
import { unlabelledTask } from './helpers.ts';

const [config, folder, moment] = process.argv.slice(2);
let looks = 0;
const signal = {
  get aborted(): boolean {
    if (++looks === Number(moment)) process.kill(process.pid, 'SIGKILL');
    return false;
  },
} as AbortSignal;

await continueUnlabelled(
  { ...unlabelledTask(), config: JSON.parse(config), folder },
  { executor: await openExecutor({ threads: 1 }), signal, workers: 0, checkpointSeconds: 0 },
);
