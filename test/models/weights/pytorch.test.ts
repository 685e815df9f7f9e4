import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWeightFile } from '../../../src-main/models/weights/open.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';

const folder = new URL('./files/', import.meta.url);
const file = (name: string): string => new URL(name, folder).pathname;

interface Listed {
  shape: number[];
  values: number[];
}
const expected = JSON.parse(readFileSync(new URL('expected-pytorch.json', folder), 'utf8')) as Record<
  string,
  Record<string, Listed>
>;

describe.each(Object.keys(expected))('PyTorch’s %s', (name) => {
  it('gives the names, shapes and numbers that PyTorch gives', async () => {
    const weights = await openWeightFile(file(name));
    const found = Object.fromEntries(
      [...weights.tensors.values()].map((tensor) => [
        tensor.name,
        { shape: [...tensor.shape], values: [...tensor.read()] },
      ]),
    );
    weights.close();
    expect(weights).toMatchObject({ format: 'pytorch', family: 'pytorch' });
    expect(found).toEqual(expected[name]);
  });
});

describe('a file that means ill', () => {
  let place: string;
  beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'graft-pickle-'))));
  afterAll(() => rmSync(place, { recursive: true }));

  /** Header of a legacy file: magic number, version, system. */
  const LEGACY = Buffer.concat([
    Buffer.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]),
    Buffer.from([0x80, 2, 0x4d, 0xe9, 0x03, 0x2e]),
    Buffer.from([0x80, 2, 0x7d, 0x2e]),
  ]);
  const refused = async (bytes: Uint8Array): Promise<string> => {
    const path = join(place, 'hostile.pth');
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
  const legacy = (...parts: (string | number[])[]): Buffer =>
    Buffer.concat([
      LEGACY,
      Buffer.from([0x80, 2]),
      ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    ]);

  it('runs nothing that it names', async () => {
    // os.system('…') in place of a state dict.
    const marker = join(place, 'ran');
    const command = `touch ${marker}`;
    const bytes = legacy('cposix\nsystem\n(', [0x58, command.length, 0, 0, 0], command, 'tR.');
    expect(await refused(bytes)).toMatch(/Expected PyTorch weights/);
    expect(() => readFileSync(marker)).toThrow();
  });

  it('is refused in one sentence for a stack, mark or memo that is not there', async () => {
    for (const operations of ['R.', 't.', 'h\x05.', 's.', 'e.', '\xff.', '}(u1.'])
      expect(await refused(legacy(operations))).toMatch(/^Expected PyTorch weights.*found .*\.$/);
  });

  it('cannot make Graft build objects without end', async () => {
    expect(await refused(legacy('}'.repeat(3_000_000), '.'))).toContain('steps in its description');
  });

  it('ends though it holds itself', async () => {
    // A dict, remembered as 0, whose entry "a" is itself; then no storages.
    const bytes = Buffer.concat([legacy('}q\x00U\x01ah\x00s.'), Buffer.from([0x80, 2, 0x5d, 0x2e])]);
    expect(await refused(bytes)).toContain('no weights');
  });

  it('cannot ask for more numbers than its storage has', async () => {
    const bytes = readFileSync(file('types_legacy.pt'));
    // The shape of one tensor: (2,) becomes 255 numbers.
    for (let at = 0; at + 4 < bytes.length; at++) {
      if (bytes.subarray(at, at + 4).toString('latin1') !== 'K\x02\x85q') continue;
      const forged = Buffer.from(bytes);
      forged[at + 1] = 255;
      expect(await refused(forged)).toContain('a tensor larger than its storage');
      return;
    }
    throw new Error('no shape found to forge');
  });

  it.each(['state_dict.pth', 'state_dict_legacy.pth', 'module.pt'])(
    'is refused, or read as it is, wherever %s is cut or changed',
    async (name) => {
      const whole = readFileSync(file(name));
      const random = new RandomStream(11, name);
      for (let attempt = 0; attempt < 60; attempt++) {
        const cut = whole.subarray(0, Math.floor(random.uniform() * whole.length));
        expect(await refused(cut)).toMatch(/^Expected .*found .*\.$/s);
      }
      for (let attempt = 0; attempt < 200; attempt++) {
        const changed = Buffer.from(whole);
        for (let flips = 0; flips < 3; flips++)
          changed[Math.floor(random.uniform() * changed.length)] = Math.floor(random.uniform() * 256);
        expect(await refused(changed)).toMatch(/^Expected .*found .*\.$|^nothing was wrong$/s);
      }
    },
  );
});

describe('a file that is no weights', () => {
  it('is refused with what Graft reads', async () => {
    await expect(openWeightFile(file('expected-pytorch.json'))).rejects.toMatchObject({
      code: 'weights-format',
      message: expect.stringContaining('weights from PyTorch, Keras, TensorFlow.js, ONNX or safetensors'),
    });
    await expect(openWeightFile(file('nothing.pth'))).rejects.toMatchObject({ code: 'weights-missing' });
    await expect(openWeightFile(file('.'))).rejects.toThrow(/one weights file in the folder/);
  });
});
