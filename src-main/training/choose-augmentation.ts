import type { AugmentationChoice, ImageKind } from '../contract/augmentation-choice.ts';
import { resolveAugmentation, type AugmentationSettings } from '../contract/augmentation.ts';
import type { TabledPreset } from '../contract/augmentation-presets.ts';
import { sidesOf } from './laterality.ts';

/** Modalities (PS3.3 C.7.3.1.1.1) and the preset that suits them. */
const PRESETS: Record<string, TabledPreset> = {
  CT: 'ct',
  MR: 'mr',
  CR: 'x-ray',
  DX: 'x-ray',
  RF: 'x-ray',
  XA: 'x-ray',
  RG: 'x-ray',
  MG: 'mammography',
  US: 'ultrasound',
  IVUS: 'ultrasound',
  XC: 'photo',
  ES: 'photo',
  SM: 'photo',
  GM: 'photo',
  DMS: 'photo',
  OP: 'photo',
};
/** Views that only mammograms have (PS3.16 CID 4014). */
const BREAST_VIEWS = /^[LR]?(CC|MLO|XCCL|XCCM)$/;
/** Share of the images that have to be of one kind. */
const NEARLY_ALL = 0.9;

/** The preset that suits images of a kind; null where there is none. */
export function presetOf({ Modality, BodyPartExamined, ViewPosition }: ImageKind): TabledPreset | null {
  const preset = PRESETS[(Modality ?? '').trim().toUpperCase()] ?? null;
  const part = (BodyPartExamined ?? '').toUpperCase();
  if (
    preset === 'x-ray' &&
    (part.includes('BREAST') || BREAST_VIEWS.test((ViewPosition ?? '').toUpperCase()))
  )
    return 'mammography';
  return preset ?? (part === 'SKIN' ? 'photo' : null);
}

/**
 * What a plan's augmentation means for the images that are to be learned from: `auto` becomes the preset that suits nine tenths of them,
 * else the few changes that suit every image; a preset's flips stay out where sides matter. What the plan itself writes wins.
 *
 * @param facts null where nothing is known of the images
 */
export function chooseAugmentation(
  settings: AugmentationSettings,
  facts: { kinds: readonly ImageKind[]; classes: readonly string[] } | null,
): AugmentationChoice {
  const { suits, reason } = suiting(facts?.kinds ?? []);
  const sides = sidesOf(facts?.kinds ?? [], facts?.classes ?? []);
  const preset = settings.preset === 'auto' ? suits : settings.preset;
  const config = resolveAugmentation({ ...settings, preset });
  if (sides.sides === 'matter') {
    config.flipHorizontal = settings.flipHorizontal ?? false;
    config.flipVertical = settings.flipVertical ?? false;
  }
  return { preset, suits, reason, ...sides, config };
}

function suiting(kinds: readonly ImageKind[]): Pick<AugmentationChoice, 'suits' | 'reason'> {
  const total = kinds.reduce((sum, { images }) => sum + images, 0);
  if (total === 0)
    return { suits: 'custom', reason: 'Nothing is known of the images yet: only what suits every image.' };
  const shares = new Map<TabledPreset | null, number>();
  const modalities = new Map<string, number>();
  for (const kind of kinds) {
    const preset = presetOf(kind);
    shares.set(preset, (shares.get(preset) ?? 0) + kind.images / total);
    const name = kind.Modality ?? 'no modality';
    modalities.set(name, (modalities.get(name) ?? 0) + kind.images / total);
  }
  const [[most, share]] = [...shares].sort((a, b) => b[1] - a[1]);
  const percent = (value: number): string => `${Math.round(100 * value)} %`;
  const list = [...modalities].sort((a, b) => b[1] - a[1]).map(([name, part]) => `${name} ${percent(part)}`);
  if (most === null || share < NEARLY_ALL) {
    return {
      suits: 'custom',
      reason: `No one preset suits nine tenths of the training images (${list.slice(0, 4).join(', ')}): only what suits every image.`,
    };
  }
  const names = [...modalities.keys()].filter((name) => name !== 'no modality').join(', ');
  return {
    suits: most,
    reason: `${share > 0.9999 ? 'All' : percent(share)} of the training images are of the kind ${most} (${names}).`,
  };
}
