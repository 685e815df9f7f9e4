import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Context as DcmjsContext, NativeCodecs } from 'dcmjs-codecs';

const packages = createRequire(import.meta.url);

/** What the codecs built by Emscripten call the shape of a picture. */
export interface FrameInfo {
  width: number;
  height: number;
  bitsPerSample: number;
  componentCount: number;
  isSigned: boolean;
  /** Asked for by the HTJ2K encoder alone. */
  isUsingColorTransform?: boolean;
}

export interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): FrameInfo;
  delete(): void;
}

export interface JpegLsDecoder extends WasmDecoder {
  /** 0 one component after another, 1 by line, 2 by sample. */
  getInterleaveMode(): number;
}

export interface WasmEncoder {
  getDecodedBuffer(frame: FrameInfo): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  delete(): void;
}

export interface JpegLsEncoder extends WasmEncoder {
  setNearLossless(largestError: number): void;
  setInterleaveMode(mode: number): void;
}

export interface QualityEncoder extends WasmEncoder {
  setQuality(lossless: boolean, step: number): void;
  setDecompositions(levels: number): void;
}

export interface JpegXlEncoder extends WasmEncoder {
  setLossless(lossless: boolean): void;
}

/** Keeps what a codec prints out of our own output: codecs complain about hostile files at length. */
function quiet(module: string): object {
  return { print: () => {}, printErr: () => {}, wasmBinary: readFileSync(packages.resolve(module)) };
}

type Factory<M> = (options: object) => Promise<M>;

const loaded: { drop(): void }[] = [];

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  loaded.push({ drop: () => (loading = null) });
  return () => (loading ??= load());
}

/** After damaged bytes a codec's memory may be in any state, trapped or not: the next frame gets fresh ones. */
export function dropCodecs(): void {
  for (const one of loaded) one.drop();
}

function fromPackage<M>(script: string, wasm: string): () => Promise<M> {
  return once(() => (packages(script) as Factory<M>)(quiet(wasm)));
}

/** Each codec is loaded when it is first needed, once per process. */
export const codecs = {
  jpegLs: fromPackage<{ JpegLSDecoder: new () => JpegLsDecoder; JpegLSEncoder: new () => JpegLsEncoder }>(
    '@cornerstonejs/codec-charls/wasmjs',
    '@cornerstonejs/codec-charls/wasm',
  ),
  jpeg2000: fromPackage<{ J2KDecoder: new () => WasmDecoder; J2KEncoder: new () => QualityEncoder }>(
    '@cornerstonejs/codec-openjpeg/wasmjs',
    '@cornerstonejs/codec-openjpeg/wasm',
  ),
  htj2k: fromPackage<{ HTJ2KDecoder: new () => WasmDecoder; HTJ2KEncoder: new () => QualityEncoder }>(
    '@cornerstonejs/codec-openjph',
    '@cornerstonejs/codec-openjph/wasm',
  ),
  jpeg8: fromPackage<{ JPEGDecoder: new () => WasmDecoder }>(
    '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs',
    '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm',
  ),
  jpegXlDecoder: once(async () => {
    const module = (await import('@cornerstonejs/codec-libjxl/decodewasmjs' as string)) as {
      default: Factory<{ JpegXLDecoder: new () => WasmDecoder }>;
    };
    return module.default(quiet('@cornerstonejs/codec-libjxl/decodewasm'));
  }),
  jpegXlEncoder: once(async () => {
    const module = (await import('@cornerstonejs/codec-libjxl/encodewasmjs' as string)) as {
      default: Factory<{ JpegXLEncoder: new () => JpegXlEncoder }>;
    };
    return module.default(quiet('@cornerstonejs/codec-libjxl/encodewasm'));
  }),
  /** 12-bit JPEG, and the only encoder of JPEG and JPEG lossless that holds. */
  dcmjs: once(async () => {
    const module = packages('dcmjs-codecs') as {
      NativeCodecs: typeof NativeCodecs;
      Context: typeof DcmjsContext;
    };
    await module.NativeCodecs.initializeAsync();
    return module;
  }),
};
