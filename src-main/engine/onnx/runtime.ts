import { createRequire } from 'node:module';
import ort from 'onnxruntime-node';
import { GraftError } from '../../contract/errors.ts';
import { encodeModel, type OnnxGraph } from './model.ts';

export type Session = ort.InferenceSession;
export const OnnxTensor = ort.Tensor;

/** Version of the ONNX Runtime in use, for reports. */
export const runtimeVersion = (): string =>
  (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;

export interface SessionSettings {
  threads?: number;
  /** Where to write a trace of every operator's time; for the benches. */
  profile?: string;
}

/** Opens a graph on the CPU. Denormals count as zero: they would slow late training down tenfold. */
export async function openSession(graph: OnnxGraph, settings: SessionSettings = {}): Promise<Session> {
  return openModel(encodeModel(graph), settings);
}

/** Opens the bytes of an ONNX file on the CPU. */
export async function openModel(
  model: Uint8Array,
  { threads, profile }: SessionSettings = {},
): Promise<Session> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      enableCpuMemArena: true,
      enableMemPattern: true,
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      extra: { session: { set_denormal_as_zero: '1' } },
    });
  } catch (cause) {
    throw new GraftError(
      'engine-session',
      'ONNX Runtime refused a graph that Graft built; please report this with the details.',
      {
        kind: 'bug',
        cause,
      },
    );
  }
}

let block: Promise<number> | undefined;

/**
 * Channels per block of the runtime's own convolution layout on this processor (16, 8, or 0 where it has none), found
 * by reordering a tiny tensor and looking where its second column went.
 */
export function blockSize(): Promise<number> {
  block ??= probeBlockSize().catch(() => 0);
  return block;
}

async function probeBlockSize(): Promise<number> {
  const channels = 64;
  const value = { name: 'x', type: 'float32' as const, shape: [1, channels, 1, 2] };
  const session = await openSession({
    name: 'block size',
    inputs: [value],
    outputs: [{ ...value, name: 'y' }],
    nodes: [{ op: 'ReorderInput', domain: 'com.microsoft.nchwc', inputs: ['x'], outputs: ['y'] }],
    constants: [],
    opset: 18,
    domains: { 'com.microsoft.nchwc': 1 },
  });
  const values = Float32Array.from({ length: channels * 2 }, (_, i) => i);
  const { y } = await session.run({ x: new ort.Tensor('float32', values, value.shape) });
  await session.release();
  const found = (y.data as Float32Array).indexOf(1);
  return found === 8 || found === 16 ? found : 0;
}
