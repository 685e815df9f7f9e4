export type * from './types.ts';
export type { Keyword } from './dictionary.ts';
export * from './transfer-syntaxes.ts';
export type { Elements, ElementValue } from './write/elements.ts';
export type { PixelsToWrite } from './write/pixels.ts';
export { writeDicom, type DicomToWrite } from './write/writer.ts';
export { readHeader, readHeaderSync } from './header.ts';
export { findFiles, type FindOptions } from './find.ts';
export { HeaderReader } from './header-reader.ts';
