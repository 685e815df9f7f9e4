import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { AdaptOptions } from '../../src-main/app/index.ts';
import { adaptationMethods } from '../../src-main/contract/adaptation.ts';
import { adaptCommand } from '../../src-main/shell/cli/commands/adapt.ts';
import type { CliContext } from '../../src-main/shell/cli/context.ts';

/** What the application is asked for by a line. */
async function asked(...words: string[]): Promise<AdaptOptions> {
  const calls: AdaptOptions[] = [];
  const config = { modelName: 'starter', initial: 'pretrained' };
  const context = {
    app: {
      adapt: async (_: string, options: AdaptOptions) => {
        calls.push(options);
        return {
          facts: { source: { images: 1, patients: 1 } },
          runs: [{ id: 1, approach: 'fine-tuned', state: 'done', config, result: null, error: null }],
        };
      },
    },
    note: () => {},
    print: () => {},
    onProgress: () => {},
    signal: () => new AbortController().signal,
  } as unknown as CliContext;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  adaptCommand(program, context);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['adapt', '-p', 'two', ...words], { from: 'user' });
  return calls[0];
}

test('a domain is a dataset, or attributes, of which one may have several values', async () => {
  const { domains, methods } = await asked(
    ...[
      '--source',
      'Hospital A',
      '--target',
      'Manufacturer=GE',
      '--target',
      'Manufacturer=SIEMENS',
      '--target',
      'KVP=120',
    ],
  );
  expect(domains).toEqual({
    source: { source: 'Hospital A' },
    target: { Manufacturer: ['GE', 'SIEMENS'], KVP: 120 },
  });
  expect(methods).toEqual(['dann']);
});

test('methods are named, each once, or all', async () => {
  const to = ['--target', 'B'];
  expect((await asked(...to, '--method', 'shot', '--method', 'coral', '--method', 'shot')).methods).toEqual([
    'shot',
    'coral',
  ]);
  expect((await asked(...to, '--method', 'all')).methods).toEqual(adaptationMethods);
  expect((await asked(...to, '--method', 'adabn+self-training', '--method', 'all')).methods).toEqual([
    ...adaptationMethods,
    'adabn+self-training',
  ]);
});

test('a model of another project is adapted by what needs it alone, unless something is named', async () => {
  const { modelPath, methods, runId } = await asked('--target', 'B', '--model', 'from-a', '--run', '2');
  expect([modelPath, methods, runId]).toEqual(['from-a', ['adabn', 'shot', 'adabn+shot'], 2]);
  expect((await asked('--target', 'B', '--model', 'from-a', '--method', 'dann')).methods).toEqual(['dann']);
});

test('settings that are not given are left to their defaults', async () => {
  const { settings, runId } = await asked(
    ...['--target', 'B', '--run', '3', '--strength', '0.5', '--bandwidths', '0.5,1', '--believed', '0.1/0.9'],
  );
  expect(runId).toBe(3);
  expect(settings).toEqual({ strength: 0.5, bandwidths: [0.5, 1], believed: { first: 0.1, last: 0.9 } });
});

test('what cannot be meant is refused in a sentence', async () => {
  await expect(asked()).rejects.toMatchObject({ code: 'usage' });
  await expect(asked('--target', 'Colour=red')).rejects.toThrow(/attribute to choose images by/);
  await expect(asked('--target', 'B', '--method', 'magic')).rejects.toThrow(/of histogram, fourier/);
  await expect(asked('--target', 'B', '--method', 'coral+dan')).rejects.toThrow(/one method that learns/);
  await expect(asked('--target', 'B', '--believed', '2')).rejects.toThrow(/two shares/);
  await expect(asked('--target', 'B', '--bandwidths', '0,x')).rejects.toThrow(/numbers above 0/);
});
