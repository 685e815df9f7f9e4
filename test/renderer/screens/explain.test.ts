import { expect, it } from 'vitest';
import type { ExplanationQuery, ShownExplanation } from '../../../src-main/contract/calls/explanations.ts';
import type { Job } from '../../../src-main/contract/job.ts';
import { ImageExplanation } from '../../../src-renderer/screens/evaluate/explain.svelte.ts';
import { playBridge } from '../bridge.ts';

it('a map that could not be made says nothing of another one that is looked at meanwhile', async () => {
  let jobs = 0;
  playBridge({
    'explanations.layers': () => [],
    // That of class 1 was made before.
    'explanations.find': ({ classIndex }: ExplanationQuery) =>
      classIndex === 1 ? ({ explanation: { classIndex } } as ShownExplanation) : null,
    'explanations.make': () => ({ id: ++jobs }),
  });
  const failed = (id: number): Job =>
    ({
      id,
      state: 'failed',
      error: { kind: 'expected', code: 'layer-missing', message: 'No layer.' },
    }) as Job;
  const explanation = new ImageExplanation({ runId: 1, instanceId: 1, frameIndex: 0, classIndex: 0 });
  await explanation.load();
  expect(explanation.jobId).toBe(1);
  await explanation.chooseClass(1);
  await explanation.hear(failed(1));
  expect([explanation.shown?.explanation.classIndex, explanation.failure]).toEqual([1, null]);
  // What failed is said where it is looked at.
  await explanation.chooseClass(0);
  expect(explanation.jobId).toBe(2);
  await explanation.hear(failed(2));
  expect(explanation.failure?.code).toBe('layer-missing');
});
