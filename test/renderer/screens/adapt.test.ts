import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelLibrary } from '../../../src-main/contract/calls/models.ts';
import { AdaptForm, parentsOf } from '../../../src-renderer/screens/model/adapt.svelte.ts';
import { playBridge } from '../bridge.ts';

const library = {
  library: [
    {
      name: 'starter',
      title: 'Starter: small',
      pretrained: true,
      stages: ['stem', 'stage1'],
      inputSize: 128,
    },
    { name: 'resnet50', title: 'ResNet-50', pretrained: false, stages: ['stem'], inputSize: 224 },
  ],
  added: [
    { id: 'resnet50-1', title: 'Mine', modelName: 'resnet50', lineage: null, report: null },
    { id: 'starter-simclr-2', title: 'Continued', modelName: 'starter', lineage: { size: 96 }, report: null },
  ],
} as unknown as ModelLibrary;

describe('adapting a network to images without labels', () => {
  let form: AdaptForm;
  let asked: { name: string; input: Record<string, unknown> }[];
  let images: number;
  beforeEach(() => {
    asked = [];
    images = 40;
    playBridge({
      'models.unlabelled': (input: Record<string, unknown>) => {
        asked.push({ name: 'unlabelled', input });
        return { images, patients: 9, heldOut: { splitId: 1, patients: 3, images: 12 } };
      },
      'models.pretrain': (input: Record<string, unknown>) => {
        asked.push({ name: 'pretrain', input });
        return {};
      },
    });
    form = new AdaptForm(parentsOf(library), ['a', 'b']);
  });

  it('begins from models that have weights, at the size they were made for', () => {
    expect(form.parents.map(({ from }) => from)).toEqual(['starter', 'resnet50-1', 'starter-simclr-2']);
    expect([form.from, form.parent!.title, form.size]).toEqual(['starter', 'Starter', 128]);
    form.frozen = 'stage1';
    form.from = 'starter-simclr-2';
    expect([form.size, form.frozen, form.parent!.stages]).toEqual([96, 'nothing', ['stem', 'stage1']]);
    form.from = 'resnet50-1';
    expect(form.size).toBe(224);
  });

  it('starts only when it is known that there are images, and how long', async () => {
    expect(form.ready).toBe(false);
    await form.count();
    expect(form.ready).toBe(true);
    form.minutes = null;
    expect(form.ready).toBe(false);
    form.until = 'epochs';
    expect(form.ready).toBe(true);
    images = 7;
    await form.count();
    expect(form.ready).toBe(false);
  });

  it('asks for the datasets that are ticked, and keeps the last', async () => {
    await form.choose('a', false);
    await form.choose('b', false);
    expect([form.takes('a'), form.takes('b')]).toEqual([false, true]);
    await form.choose('a', true);
    expect(asked.map(({ input }) => input.datasets)).toEqual([['b'], null]);
  });

  it('passes on what was chosen: minutes or epochs, never both', async () => {
    await form.count();
    form.until = 'epochs';
    form.epochs = 7;
    form.method = 'vicreg';
    form.frozen = 'stem';
    await form.choose('b', false);
    expect(await form.start()).toBe(true);
    expect(asked.at(-1)!.input).toEqual({
      from: 'starter',
      title: '',
      method: 'vicreg',
      minutes: null,
      epochs: 7,
      size: 128,
      freezeUntil: 'stem',
      datasets: ['a'],
    });
  });
});
