import { GraftError } from '../contract/errors.ts';
import type { EngineName, Executor } from './types.ts';

export interface ExecutorOptions {
  /** Default `compiled`. */
  engine?: EngineName;
  /** Threads of the CPU. Default: as many as it has cores. */
  threads?: number;
}

/** Opens an executor. Each engine's libraries load only when it is the one asked for. */
export async function openExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  switch (options.engine ?? 'compiled') {
    case 'compiled': {
      const { CompiledExecutor } = await import('./compiled.ts');
      return new CompiledExecutor(options.threads === undefined ? {} : { threads: options.threads });
    }
    case 'reference': {
      const { EagerExecutor } = await import('./eager.ts');
      await import('@tensorflow/tfjs-backend-cpu');
      return new EagerExecutor('reference', 'cpu', 'TF.js plain CPU backend (reference)');
    }
    case 'tensorflow': {
      const { openTensorFlow } = await import('./tensorflow.ts');
      return openTensorFlow(options.threads === undefined ? {} : { threads: options.threads });
    }
    default:
      throw new GraftError(
        'engine-unknown',
        `Expected the engine compiled, tensorflow or reference, found ${String(options.engine)}.`,
      );
  }
}
