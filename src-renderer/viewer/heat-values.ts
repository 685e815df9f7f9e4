import type { SentHeatmap } from '../../src-main/contract/explanation.ts';

/** A map's values, 0 to 255. */
export const bytesOf = ({ values }: Pick<SentHeatmap, 'values'>): Uint8Array =>
  Uint8Array.from(atob(values), (character) => character.charCodeAt(0));
