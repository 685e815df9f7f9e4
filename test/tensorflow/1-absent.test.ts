import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GraftError } from '../../src-main/contract/errors.ts';
import { type Executor, openExecutor, Parameters, type Program } from '../../src-main/engine/index.ts';
import { openTensorFlow, restoreUtil } from '../../src-main/engine/tensorflow.ts';

const failure = (opening: Promise<Executor>): Promise<GraftError> =>
  opening.then(
    () => expect.fail('It opened.'),
    (error: GraftError) => error,
  );

const notFound = (name: string): Error =>
  Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });

describe('where TensorFlow is missing', () => {
  let environment: NodeJS.ProcessEnv;
  beforeEach(() => void (environment = { ...process.env }));
  afterEach(() => void (process.env = environment));

  it('says in one sentence what is missing and how to add it', async () => {
    const asked: string[] = [];
    const error = await failure(
      openTensorFlow({
        load: async (name) => {
          asked.push(name);
          throw notFound(name);
        },
      }),
    );
    expect(asked).toEqual(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']);
    expect(error).toMatchObject({ code: 'engine-tensorflow-absent', kind: 'expected' });
    expect(error.message).toContain(
      'npm install --no-save @tensorflow/tfjs-node-gpu@4.22.0 --ignore-scripts=false',
    );
    expect(error.message).not.toContain('\n');
  });

  it('says how to fetch the binary of a package that came without it', async () => {
    const error = await failure(
      openTensorFlow({
        load: async () => {
          throw new Error(
            'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \nPlease run',
          );
        },
      }),
    );
    expect(error.code).toBe('engine-tensorflow-absent');
    expect(error.message).toContain('npm rebuild @tensorflow/tfjs-node-gpu --ignore-scripts=false');
  });

  it('gives the reason when a package is there and does not start', async () => {
    const error = await failure(
      openTensorFlow({
        load: async (name) => {
          if (name === '@tensorflow/tfjs-node') throw notFound(name);
          throw new Error('libtensorflow.so.2: cannot open shared object file\nRequire stack: …');
        },
      }),
    );
    expect(error.code).toBe('engine-tensorflow-broken');
    expect(error.message).toContain('@tensorflow/tfjs-node-gpu');
    expect(error.message).toContain('libtensorflow.so.2: cannot open shared object file');
    expect(error.message).not.toContain('Require stack');
  });

  it('takes a missing dependency of the package for a broken package', async () => {
    const error = await failure(
      openTensorFlow({
        load: async () => {
          throw notFound('@mapbox/node-pre-gyp');
        },
      }),
    );
    expect(error.code).toBe('engine-tensorflow-broken');
  });

  it('takes a package that registers no backend for a broken one', async () => {
    const error = await failure(openTensorFlow({ load: async () => ({}) }));
    expect(error.code).toBe('engine-tensorflow-broken');
  });

  it('passes the threads on to TensorFlow, and leaves what a person has set', async () => {
    process.env['TF_NUM_INTRAOP_THREADS'] = '7';
    delete process.env['TF_NUM_INTEROP_THREADS'];
    await failure(openTensorFlow({ threads: 3, load: async (name) => Promise.reject(notFound(name)) }));
    expect(process.env['TF_NUM_INTRAOP_THREADS']).toBe('7');
    expect(process.env['TF_NUM_INTEROP_THREADS']).toBe('1');
  });
});

describe('the engine tensorflow', () => {
  it('computes as the reference does where it is installed, and says how to add it where it is not', async () => {
    const program: Program = {
      name: 'square',
      inputs: { x: { shape: [2], dtype: 'float32' } },
      body: ({ x }) => ({ y: x.square() }),
    };
    const found = await openExecutor({ engine: 'tensorflow', threads: 1 }).catch(
      (error: unknown) => error as GraftError,
    );
    if (found instanceof Error) {
      expect(found.message).toContain('--ignore-scripts=false');
      return;
    }
    const compiled = await found.compile(program, new Parameters());
    expect((await compiled.run({ x: Float32Array.of(3, -4) })).y.data).toEqual(Float32Array.of(9, 16));
  });
});

describe("functions that Node's util has lost", () => {
  it('come back', () => {
    const util: Record<string, unknown> = {};
    restoreUtil(util);
    const { isArray, isNullOrUndefined } = util as Record<string, (value: unknown) => boolean>;
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
    expect([[], {}, 'a'].map(isArray)).toEqual([true, false, false]);
  });

  it('stay as they are where Node still has them', () => {
    const own = (): boolean => false;
    const util = { isArray: own };
    restoreUtil(util);
    expect(util.isArray).toBe(own);
    expect(Object.keys(util)).toEqual(['isArray']);
  });
});
