import { beforeEach, describe, expect, it } from 'vitest';
import type { LabelSetDetails } from '../../../src-main/contract/calls/labels.ts';
import { Labelling } from '../../../src-renderer/screens/label/labelling.svelte.ts';
import { playBridge } from '../bridge.ts';

const set: LabelSetDetails = {
  id: 1,
  name: 'findings',
  unit: 'image',
  classes: [
    { id: 10, name: 'normal', color: '#000000', shortcut: '1', images: 0 },
    { id: 20, name: 'abnormal', color: '#ffffff', shortcut: '2', images: 0 },
  ],
  labelled: 1,
  uncertain: 0,
  disagreements: 0,
  readers: [],
  kappa: null,
  splits: 0,
};

describe('reading a queue of images', () => {
  let stored: Map<number, { classId: number | null; uncertain: boolean }>;
  let labelling: Labelling;

  beforeEach(async () => {
    stored = new Map([[101, { classId: 10, uncertain: false }]]);
    playBridge({
      'labels.sets': () => [set],
      'labels.queue': () => ({
        instanceIds: [101, 102, 103, 104],
        classIds: [10, 0, 0, 0],
        uncertain: [0, 0, 0, 0],
      }),
      'labels.image': ({ instanceId }: { instanceId: number }) => ({ instanceId }),
      'labels.set': ({
        labels,
      }: {
        labels: { instanceId: number; classId: number | null; uncertain: boolean }[];
      }) => ({
        before: labels.map(({ instanceId, ...next }) => {
          const before = stored.get(instanceId) ?? { classId: null, uncertain: false };
          stored.set(instanceId, next);
          return { instanceId, ...before };
        }),
      }),
    });
    labelling = new Labelling();
    await labelling.start();
  });

  it('begins with the first image that has no label', () => {
    expect(labelling.instanceId).toBe(102);
    expect(labelling.labelledInQueue).toBe(1);
  });

  it('labels, shows it at once, and goes on', async () => {
    const done = labelling.label(20);
    expect(labelling.instanceId).toBe(103);
    expect(labelling.stateOf(102)).toEqual({ classId: 20, uncertain: false });
    await done;
    expect(stored.get(102)).toEqual({ classId: 20, uncertain: false });
  });

  it('takes steps back in their order, goes to where they were made, and forward again', async () => {
    await labelling.label(20);
    await labelling.label(10);
    await labelling.undo();
    expect([labelling.instanceId, labelling.stateOf(103)]).toEqual([103, null]);
    await labelling.undo();
    expect([labelling.instanceId, labelling.stateOf(102)]).toEqual([102, null]);
    expect(stored.get(102)).toEqual({ classId: null, uncertain: false });
    expect(labelling.canUndo).toBe(false);
    await labelling.redo();
    expect(labelling.stateOf(102)).toEqual({ classId: 20, uncertain: false });
    expect(labelling.canRedo).toBe(true);
    await labelling.label(10);
    expect(labelling.canRedo).toBe(false);
  });

  it('takes a label away when the same class is given once more, and stays', async () => {
    labelling.go(0);
    await labelling.label(10);
    expect([labelling.instanceId, labelling.stateOf(101)]).toEqual([101, null]);
  });

  it('marks doubt on a label, and none where there is no label', async () => {
    await labelling.doubt();
    expect(labelling.stateOf(102)).toBeNull();
    labelling.go(0);
    await labelling.doubt();
    expect(labelling.stateOf(101)).toEqual({ classId: 10, uncertain: true });
    await labelling.doubt();
    expect(stored.get(101)).toEqual({ classId: 10, uncertain: false });
  });

  it('stays on the last image, and within the queue', async () => {
    labelling.go(99);
    expect(labelling.instanceId).toBe(104);
    await labelling.label(10);
    expect(labelling.instanceId).toBe(104);
    labelling.go(-5);
    expect(labelling.instanceId).toBe(101);
  });

  it('knows which images come next', () => {
    expect(labelling.next).toEqual([103, 104]);
  });

  it('says what went wrong when a label could not be stored', async () => {
    playBridge({});
    await labelling.label(10);
    expect(labelling.failure).toMatchObject({ code: 'not-played' });
  });
});
