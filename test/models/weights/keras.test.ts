import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWeightFile } from '../../../src-main/models/weights/open.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';

const folder = new URL('./files/', import.meta.url);
const file = (name: string): string => new URL(name, folder).pathname;
type Listed = Record<string, { shape: number[]; values: number[] }>;
const expected = JSON.parse(readFileSync(new URL('expected-keras.json', folder), 'utf8')) as Record<
  string,
  Listed
>;

describe.each(Object.keys(expected))('Keras’s %s', (name) => {
  it('gives the weights that Keras gives, by layer, and nothing of its optimiser', async () => {
    const weights = await openWeightFile(file(name));
    const found = Object.fromEntries(
      [...weights.tensors].map(([called, { shape, read }]) => [
        called,
        { shape: [...shape], values: [...read()] },
      ]),
    );
    weights.close();
    expect(weights).toMatchObject({
      format: name.endsWith('.keras') ? 'keras-v3' : 'keras-h5',
      family: 'keras',
    });
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected[name]).sort());
    expect(found).toEqual(expected[name]);
  });
});

describe('an HDF5 file that means ill', () => {
  let place: string;
  beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'graft-hdf5-'))));
  afterAll(() => rmSync(place, { recursive: true }));

  const outcome = async (bytes: Uint8Array, ending: string): Promise<string> => {
    const path = join(place, `hostile${ending}`);
    writeFileSync(path, bytes);
    try {
      const weights = await openWeightFile(path);
      for (const tensor of weights.tensors.values()) tensor.read();
      weights.close();
      return 'nothing was wrong';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each(['model.h5', 'numbered.weights.h5', 'model.keras', 'keras2.h5', 'bfloat16.weights.h5'])(
    'is refused, or read as it is, wherever %s is cut or changed',
    async (name) => {
      const whole = readFileSync(file(name));
      const random = new RandomStream(13, name);
      const ending = name.slice(name.indexOf('.'));
      for (let attempt = 0; attempt < 40; attempt++) {
        const cut = whole.subarray(0, 64 + Math.floor(random.uniform() * (whole.length - 64)));
        expect(await outcome(cut, ending)).toMatch(/^Expected .*found .*\.$/s);
      }
      for (let attempt = 0; attempt < 150; attempt++) {
        const changed = Buffer.from(whole);
        for (let flips = 0; flips < 3; flips++)
          changed[8 + Math.floor(random.uniform() * (changed.length - 8))] = Math.floor(
            random.uniform() * 256,
          );
        expect(await outcome(changed, ending)).toMatch(/^Expected .*found .*\.$|^nothing was wrong$/s);
      }
    },
    60_000,
  );

  it.each(['raw-elsewhere.h5', 'virtual.h5', 'bomb.h5', 'chunk.h5'])(
    'is refused when it asks for other files or for memory: %s',
    async (name) => {
      const bytes = readFileSync(file(`hostile/${name}`));
      expect(await outcome(bytes, '.h5')).toMatch(/^Expected weights of Keras .*found .*\.$/s);
    },
  );

  it.each(['link-elsewhere.h5', 'fan.h5'])(
    'gives only what lies in it, each thing once: %s',
    async (name) => {
      const weights = await openWeightFile(file(`hostile/${name}`));
      expect([...weights.tensors.keys()]).toEqual(['honest/bias']);
      weights.close();
    },
  );

  it('is refused by the name of what packed it, where the library cannot unpack it', async () => {
    expect(await outcome(readFileSync(file('hostile/lzf.h5')), '.h5')).toBe(
      'Expected arrays that are plain or packed by deflate (gzip), found first/kernel packed by LZF in hostile.h5. Save the weights again without compression.',
    );
  });

  it('leaves no unpacked archive behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('graft-keras-'));
    const weights = await openWeightFile(file('model.keras'));
    weights.close();
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('graft-keras-'))).toEqual(before);
  });
});
