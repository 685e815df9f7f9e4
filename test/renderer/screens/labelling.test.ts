import { beforeEach, describe, expect, it } from 'vitest';
import type { LabelSetDetails } from '../../../src-main/contract/calls/labels.ts';
import { Labelling } from '../../../src-renderer/screens/label/labelling.svelte.ts';
import { playBridge } from '../bridge.ts';

const set: LabelSetDetails = {
  id: 1,
  name: 'findings',
  unit: 'image',
  multiLabel: false,
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
        answers: {},
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

describe('reading findings', () => {
  type Said = {
    instanceId: number;
    classId: number | null;
    uncertain: boolean;
    findings?: Record<number, 0 | 1 | null>;
  };
  let stored: Map<number, Said>;
  let labelling: Labelling;

  beforeEach(async () => {
    const first: Said = { instanceId: 101, classId: 7, uncertain: false, findings: { 10: 1, 20: 0 } };
    stored = new Map([[101, first]]);
    playBridge({
      'labels.sets': () => [{ ...set, multiLabel: true }],
      'labels.queue': () => ({
        instanceIds: [101, 102, 103],
        classIds: [7, 0, 0],
        uncertain: [0, 0, 0],
        answers: { 7: first.findings },
      }),
      'labels.image': ({ instanceId }: { instanceId: number }) => ({ instanceId }),
      'labels.set': ({ labels }: { labels: Said[] }) => ({
        before: labels.map((next) => {
          const before = stored.get(next.instanceId) ?? {
            instanceId: next.instanceId,
            classId: null,
            uncertain: false,
          };
          if (next.findings) stored.set(next.instanceId, next);
          else stored.delete(next.instanceId);
          return before;
        }),
      }),
    });
    labelling = new Labelling();
    await labelling.start();
  });

  it('sets them one by one, stores nothing before they are confirmed, and then all of them', async () => {
    expect(labelling.instanceId).toBe(102);
    await labelling.label(10);
    labelling.doubtFinding(20);
    expect([labelling.instanceId, labelling.findings, stored.has(102)]).toEqual([
      102,
      { 10: 1, 20: null },
      false,
    ]);
    await labelling.label(10);
    await labelling.confirm();
    expect(labelling.instanceId).toBe(103);
    // No number of an answer is sent: the findings say what it is.
    expect(stored.get(102)).toEqual({
      instanceId: 102,
      classId: null,
      uncertain: false,
      findings: { 10: 0, 20: null },
    });
    expect(labelling.wordsOf(labelling.stateOf(102))).toBe('abnormal?');
  });

  it('only goes on where nothing was set: that is no answer', async () => {
    await labelling.confirm();
    expect([labelling.instanceId, stored.has(102)]).toEqual([103, false]);
  });

  it('has one key for none, keeps what was set while others are looked at, and takes it back', async () => {
    await labelling.label(20);
    labelling.go(0);
    expect(labelling.findings).toEqual({ 10: 1, 20: 0 });
    labelling.go(1);
    expect([labelling.findings, labelling.unconfirmed]).toEqual([{ 20: 1 }, true]);
    await labelling.clear();
    expect([labelling.findings, labelling.unconfirmed]).toEqual([null, false]);
    await labelling.noFinding();
    expect(stored.get(102)!.findings).toEqual({ 10: 0, 20: 0 });
    expect(labelling.wordsOf(labelling.stateOf(102))).toBe('No finding');
    await labelling.undo();
    expect([labelling.stateOf(102), stored.has(102)]).toEqual([null, false]);
    await labelling.redo();
    expect(stored.get(102)!.findings).toEqual({ 10: 0, 20: 0 });
  });

  it('changes what is stored, and undoes that', async () => {
    labelling.go(0);
    await labelling.label(20);
    await labelling.confirm();
    expect(stored.get(101)!.findings).toEqual({ 10: 1, 20: 1 });
    await labelling.undo();
    expect(stored.get(101)!.findings).toEqual({ 10: 1, 20: 0 });
    expect(labelling.wordsOf(labelling.stateOf(101))).toBe('normal');
  });
});
