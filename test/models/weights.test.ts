import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  CAFFE,
  decodeHalf,
  encodeHalf,
  initialiseParameters,
  loadModel,
  loadPretrained,
  modelCard,
  NetworkBuilder,
  readSafetensors,
  saveModel,
  writeSafetensors,
} from '../../src-main/models/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'graft-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tensors = [
  { name: 'conv1/kernel', shape: [2, 3], data: Float32Array.from([0.5, -1, 2.25, 1e-3, 65504, -0]) },
  { name: 'conv1/bias', shape: [3], data: Float32Array.from([1, 2, 3]) },
];

/** A file with any header and any data. */
function forge(header: unknown, data: Uint8Array, length?: bigint): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(text.length));
  const path = join(folder, 'forged.safetensors');
  writeFileSync(path, Buffer.concat([prefix, text, data]));
  return path;
}

describe('half precision', () => {
  it('gives back every half exactly', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, half) => half).filter(
      (half) => (half & 0x7c00) !== 0x7c00,
    );
    expect(encodeHalf(decodeHalf(all))).toEqual(all);
  });

  it('rounds to nearest, ties to even, and overflows to infinity', () => {
    const values = Float32Array.from([
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      65519,
      65520,
      2 ** -25,
      2 ** -24 * 1.5,
    ]);
    expect([...decodeHalf(encodeHalf(values))]).toEqual([1, 1 + 2 ** -9, 65504, Infinity, 0, 2 ** -23]);
  });
});

describe('safetensors', () => {
  it('come back as they were written, with their metadata', () => {
    const path = join(folder, 'round.safetensors');
    writeSafetensors(path, tensors, { metadata: { task: 'shapes' } });
    const { tensors: read, metadata } = readSafetensors(path);
    expect(metadata).toEqual({ task: 'shapes' });
    for (const { name, shape, data } of tensors) expect(read.get(name)).toEqual({ shape, data });
  });

  it('in float16 differ by no more than rounding', () => {
    const path = join(folder, 'half.safetensors');
    writeSafetensors(path, tensors, { dtype: 'F16' });
    const read = readSafetensors(path).tensors.get('conv1/kernel')!.data;
    read.forEach((value, i) => {
      const exact = tensors[0].data[i];
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -11);
    });
  });

  it('too large for float16 are not silently made infinite', () => {
    const large = [{ name: 'a', shape: [1], data: Float32Array.from([70_000]) }];
    expect(() => writeSafetensors(join(folder, 'large.safetensors'), large, { dtype: 'F16' })).toThrow(
      /larger ones in the weight a.*F32/,
    );
  });

  const data = new Uint8Array(24);
  const entry = { dtype: 'F32', shape: [6], data_offsets: [0, 24] };
  it.each([
    ['a header longer than the file', { a: entry }, 1n << 62n],
    ['a header that is not JSON', '{"a":', undefined],
    ['a header that is a list', '[1, 2, 3]', undefined],
    ['offsets outside the file', { a: { ...entry, shape: [8], data_offsets: [0, 32] } }, undefined],
    ['offsets that run backwards', { a: { ...entry, data_offsets: [24, 0] } }, undefined],
    ['a shape that does not fit its bytes', { a: { ...entry, shape: [7] } }, undefined],
    ['a negative extent', { a: { ...entry, shape: [-1, -6] } }, undefined],
    ['an unknown type', { a: { ...entry, dtype: 'I64' } }, undefined],
    ['an entry that is null', { a: null }, undefined],
    [
      'overlapping arrays',
      {
        a: { ...entry, shape: [4], data_offsets: [0, 16] },
        b: { ...entry, shape: [4], data_offsets: [8, 24] },
      },
      undefined,
    ],
  ])('with %s are refused', (_, header, length) => {
    expect(() => readSafetensors(forge(header, data, length))).toThrow(
      /Expected a safetensors file, found .*Copy or download/,
    );
  });

  it('that are cut short are refused', () => {
    const path = join(folder, 'cut.safetensors');
    writeSafetensors(path, tensors);
    writeFileSync(path, readFileSync(path).subarray(0, -4));
    expect(() => readSafetensors(path)).toThrow(/outside the file/);
  });
});

describe('a model folder', () => {
  const network = modelCard('starter').architecture([32, 32, 3], 2);
  const model = {
    network,
    parameters: initialiseParameters(network, 3),
    classes: ['no', 'yes'],
    preprocessing: { scale: [2], offset: [-1] },
    imageChannels: 1,
    metadata: { sourceTask: 'none' },
  };
  const path = join(folder, 'model');

  it('comes back whole', () => {
    saveModel(path, model);
    const read = loadModel(path);
    expect(read.network).toEqual(network);
    expect(read.parameters.hash()).toBe(model.parameters.hash());
    expect(read).toMatchObject({
      classes: ['no', 'yes'],
      imageChannels: 1,
      metadata: { sourceTask: 'none' },
    });
  });

  it('keeps kernels that are not square, normalisation without scale, and the order of channels', () => {
    const b = new NetworkBuilder('rows', [9, 9, 3], 'one', { epsilon: 1e-3, momentum: 0.99, scale: false });
    b.conv2d('conv', 4, [1, 7]);
    b.normalize('bn');
    b.head(2);
    const rows = b.build();
    const parameters = initialiseParameters(rows, 1);
    saveModel(path, { ...model, network: rows, parameters, preprocessing: CAFFE });
    const read = loadModel(path);
    expect(read).toMatchObject({ network: rows, preprocessing: CAFFE });
    expect(read.parameters.get('conv/kernel').shape).toEqual([1, 7, 3, 4]);
    expect(read.parameters.names).not.toContain('bn/gamma');
  });

  it('with weights that someone changed is refused', () => {
    saveModel(path, model);
    const weights = readFileSync(join(path, 'weights.safetensors'));
    weights[weights.length - 1] ^= 1;
    writeFileSync(join(path, 'weights.safetensors'), weights);
    expect(() => loadModel(path)).toThrow(/checksum/);
  });

  it('that is not there is a plain sentence', () => {
    expect(() => loadModel(join(folder, 'nowhere'))).toThrow(/Expected a model .* found none/);
    expect(() => loadPretrained(modelCard('resnet50'))).toThrow(/Expected pre-trained weights for resnet50/);
  });
});
