import { beforeEach, describe, expect, it } from 'vitest';
import { GraftError } from '../../../src-main/contract/errors.ts';
import type { WeightReport } from '../../../src-main/contract/weights.ts';
import { AddModelForm } from '../../../src-renderer/screens/model/add-model.svelte.ts';
import { playBridge } from '../bridge.ts';

const report: WeightReport = {
  format: 'PyTorch (.pth, .pt)',
  architecture: 'resnet50',
  title: 'ResNet-50',
  naming: 'torchvision or timm',
  matched: 267,
  arrays: 267,
  parameters: 25_000_000,
  unmatched: [],
  adapted: [],
  channels: 3,
  inputSize: 224,
  preprocessing: 'torch',
  preprocessingGiven: false,
  classes: 1000,
};

describe('adding weights', () => {
  let form: AddModelForm;
  let asked: { path: string; options: object }[];
  beforeEach(() => {
    asked = [];
    playBridge({
      'models.inspect': (input: { path: string; options: object }) => {
        asked.push(input);
        if (input.path.endsWith('bad.pth'))
          throw new GraftError('weights-file', 'Expected weights, found none.');
        return input.path.endsWith('.pth') ? report : null;
      },
      'models.add': ({ title }: { title: string }) => ({ title }),
    });
    form = new AddModelForm();
  });

  it('looks into the file, and proposes its name until another is given', async () => {
    await form.choose('/weights/resnet50.weights.h5');
    expect([form.title, form.isOwn, form.ready]).toEqual(['resnet50', true, true]);
    await form.choose('/weights/mobilenet/model.json');
    expect(form.title).toBe('mobilenet');
    await form.choose('C:\\weights\\brain.pth');
    expect([form.title, form.report?.title, form.isOwn]).toEqual(['brain', 'ResNet-50', false]);
    form.title = 'Mine';
    await form.choose('/weights/other.pth');
    expect(form.title).toBe('Mine');
  });

  it('looks again with what the person says of it', async () => {
    await form.choose('/weights/a.pth');
    form.oneChannel = true;
    form.preprocessing = 'xrv';
    await form.look();
    expect(asked.at(-1)!.options).toEqual({ oneChannel: true, preprocessing: 'xrv' });
  });

  it('adds nothing that could not be read', async () => {
    await form.choose('/weights/bad.pth');
    expect([form.ready, form.failure?.code]).toEqual([false, 'weights-file']);
    await form.choose('/weights/good.pth');
    expect([form.ready, form.failure]).toEqual([true, null]);
    expect(await form.add()).toBe('good');
  });
});
