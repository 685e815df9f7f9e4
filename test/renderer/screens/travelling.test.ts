import { beforeEach, describe, expect, it } from 'vitest';
import { adaptationMethods } from '../../../src-main/contract/adaptation.ts';
import type { AdaptableRun } from '../../../src-main/contract/calls/adaptations.ts';
import { Adaptations } from '../../../src-renderer/screens/adapt/adaptations.svelte.ts';
import { playBridge } from '../bridge.ts';

const trained = {
  runId: 4,
  modelName: 'resnet18',
  createdAt: '',
  adaptedBy: null,
  origin: null,
  refused: {},
} satisfies AdaptableRun;
const away = Object.fromEntries(
  adaptationMethods
    .filter((one) => one !== 'adabn' && one !== 'shot')
    .map((one) => [one, 'Needs the source.']),
);
const brought = {
  ...trained,
  runId: 5,
  origin: { run: 1, weights: 'ab' },
  refused: away,
} as unknown as AdaptableRun;

describe('the model that is adapted', () => {
  let runs: AdaptableRun[];
  let started: Record<string, unknown>[];
  let adaptations: Adaptations;
  beforeEach(async () => {
    runs = [trained];
    started = [];
    playBridge({
      'adaptations.runs': () => runs,
      'adaptations.judgements': () => [],
      'data.values': () => ({ values: [{ value: 'B', images: 9 }] }),
      'adaptations.count': () => ({ target: { images: 9, patients: 3 } }),
      'adaptations.bring': () => {
        runs = [brought, trained];
        return brought;
      },
      'adaptations.start': (input: Record<string, unknown>) => {
        started.push(input);
        return {};
      },
    });
    adaptations = new Adaptations();
    await adaptations.load();
  });

  it('may be brought from another project, and is then adapted by what needs no source', async () => {
    adaptations.source = 'A';
    expect(adaptations.taken).toEqual(['coral', 'adabn']);
    await adaptations.bring('/from-a');
    expect([adaptations.runId, adaptations.source, adaptations.taken]).toEqual([
      5,
      '',
      ['adabn', 'shot', 'adabn+shot'],
    ]);
    expect(adaptations.offered).toContain('adabn+shot');
    expect(adaptations.reasonAgainst('adabn+self-training')).toBe('Needs the source.');
    expect(adaptations.reasonAgainst('dann')).toBe('Needs the source.');
    adaptations.toggle('dann');
    expect(adaptations.takes('dann')).toBe(false);
    adaptations.target = 'B';
    await adaptations.count();
    await adaptations.start();
    expect(started[0]).toMatchObject({
      runId: 5,
      methods: ['adabn', 'shot', 'adabn+shot'],
      domains: { source: {} },
    });
  });

  it('is the newest that was trained: an adapted one only where a person chooses it', async () => {
    runs = [{ ...trained, runId: 7, adaptedBy: 'shot' }, trained];
    adaptations = new Adaptations();
    await adaptations.load();
    expect(adaptations.runId).toBe(4);
    await adaptations.chooseRun(7);
    await adaptations.load();
    expect(adaptations.runId).toBe(7);
  });
});
