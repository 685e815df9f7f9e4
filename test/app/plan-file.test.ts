import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planText, readPlanFile } from '../../src-main/app/plan-file.ts';
import { planSchema } from '../../src-main/contract/calls/plans.ts';
import { nearest } from '../../src-main/platform/nearest.ts';

describe('a plan file', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'graft-plan-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (text: string) => {
    const path = join(folder, 'plan.yaml');
    writeFileSync(path, text);
    return readPlanFile(path);
  };

  it('is read as YAML and as JSON, and what is left out is left open', () => {
    const yaml = read('settings:\n  epochs: 8\n  head: { pooling: gem }\n');
    expect(yaml).toEqual({ settings: { epochs: 8, head: { pooling: 'gem' } } });
    expect(read('{"settings": {"epochs": 8, "head": {"pooling": "gem"}}}')).toEqual(yaml);
    expect(read('')).toEqual({});
  });

  it('names what it does not know, and what may be meant', () => {
    expect(() => read('settings:\n  epoch: 8\n')).toThrow(
      'Expected a training plan in plan.yaml, found the unknown name settings.epoch (did you mean epochs?).',
    );
    expect(() => read('settings:\n  head: { poling: gem }\n')).toThrow(
      /settings\.head\.poling \(did you mean pooling\?\)/,
    );
    expect(() => read('colour: red\n')).toThrow(/the unknown name colour, where there are name, settings/);
  });

  it('says where a value is wrong, and where its form is', () => {
    expect(() => read('settings:\n  epochs: many\n')).toThrow(/settings\.epochs: .*expected number/i);
    expect(() => read('settings: [')).toThrow(/a mistake in its form/);
    expect(() => readPlanFile(join(folder, 'none.yaml'))).toThrow(/no such file/);
  });

  it('cannot stand for more than it is', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 9; at++) {
      const before = String.fromCharCode(96 + at);
      bomb.push(
        `${String.fromCharCode(97 + at)}: &${String.fromCharCode(97 + at)} [${Array(9).fill(`*${before}`).join(', ')}]`,
      );
    }
    expect(() => read(bomb.join('\n'))).toThrow(/references that stand for too much/);
  });

  it('is written with every default, and comes back the same', () => {
    const text = planText({ settings: { modelName: 'vgg16', mixup: 0.2 } });
    const plan = planSchema.parse(read(text));
    expect(plan.settings).toMatchObject({ modelName: 'vgg16', mixup: 0.2, epochs: 20, ema: 0 });
    expect(plan.preprocessing).toMatchObject({ height: 224, width: 224 });
    expect(planText({ ...plan, split: plan.split as never })).toBe(text);
  });
});

describe('the nearest word', () => {
  it('is one of few changes, or none', () => {
    expect(nearest('lerning_rate', ['learningRate', 'epochs'])).toBe('learningRate');
    expect(nearest('zzzz', ['learningRate', 'epochs'])).toBeNull();
  });
});
