/** What tells an honest model from one that is right for the wrong reason. */
export { coverMiddle, MARGIN } from './border.ts';
export { type Features, frozenFeatures } from './frozen-features.ts';
export { analyseFailures, type FailureQuestion, type JudgedImage } from './failures.ts';
export { measureLeakage, type LeakageQuestion } from './leakage.ts';
export type { Lookalike } from './near-duplicates.ts';
export { perceptualHash } from './perceptual-hash.ts';
export { type AttributeValues, probeShortcuts, type ShortcutQuestion } from './shortcuts.ts';
export { type ImageQuality, measureQuality } from './quality.ts';
