import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Parameters } from '../../../src-main/engine/index.ts';
import { TRACE_BACKEND } from '../../../src-main/engine/trace/backend.ts';
import { traceProgram } from '../../../src-main/engine/trace/trace.ts';
import { kernelCases } from './cases/index.ts';
import { programOf, referenceOf } from './compare.ts';

/** Kernels by name, in order. */
const registered = (): string[] =>
  tf
    .getKernelsForBackend(TRACE_BACKEND)
    .map(({ kernelName }) => kernelName)
    .sort();

it('puts every kernel that a compiled program may use into at least one case', async () => {
  traceProgram({ name: 'empty', inputs: {}, body: () => ({}) }, new Parameters());
  const used = new Set<string>();
  for (const config of tf.getKernelsForBackend(TRACE_BACKEND)) {
    const original = config.kernelFunc;
    config.kernelFunc = (call) => {
      used.add(config.kernelName);
      return original(call);
    };
  }
  for (const kernelCase of Object.values(kernelCases).flat()) {
    const reference = await referenceOf({ ...kernelCase, gradients: [] });
    const places = Object.fromEntries(
      Object.keys(kernelCase.tensors).map((name) => [name, 'input' as const]),
    );
    traceProgram(programOf(kernelCase, places, reference, true), new Parameters());
  }
  expect(registered().filter((name) => !used.has(name))).toEqual([]);
});

it('tells cases apart by their names', () => {
  for (const cases of Object.values(kernelCases)) {
    const names = cases.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  }
});
