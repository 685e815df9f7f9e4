import type { EngineName, Executor } from './types.ts';

export interface ExecutorOptions {
  /** Default `compiled`. */
  engine?: EngineName;
  /** Threads of the CPU. Default: as many as it has cores. */
  threads?: number;
}

/** Opens an executor. Each engine's libraries load only when it is the one asked for. */
export async function openExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const { EagerExecutor } = await import('./eager.ts');
  await import('@tensorflow/tfjs-backend-cpu');
  return new EagerExecutor(options.engine ?? 'reference', 'cpu', 'TF.js plain CPU backend (reference)');
}
