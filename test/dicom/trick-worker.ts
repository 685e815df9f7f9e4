import { GraftError } from '../../src-main/contract/errors.ts';
import { serveTasks } from '../../src-main/platform/worker-pool.ts';

export type Trick =
  { do: 'bytes'; count: number } | { do: 'pid' | 'refuse' | 'throw' | 'spin' | 'exit' | 'crash' };

serveTasks<Trick, unknown>((trick) => {
  switch (trick.do) {
    case 'bytes':
      return new Float32Array(trick.count).fill(trick.count);
    case 'pid':
      return process.pid;
    case 'refuse':
      throw new GraftError('no-such-thing', 'Expected a thing, found none.');
    case 'throw':
      throw 'a plain string';
    case 'exit':
      return process.exit(3);
    case 'crash':
      return process.kill(process.pid, 'SIGKILL');
    case 'spin':
      for (;;);
  }
});
