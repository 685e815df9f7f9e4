import { z } from 'zod';
import { type AugmentationConfig, augmentationTables, type TabledPreset } from './augmentation-presets.ts';

/** `auto` is what suits the modality of the training images; `custom` is what is written, and little else. */
export const augmentationPresets = [
  'auto',
  'none',
  'ct',
  'mr',
  'x-ray',
  'mammography',
  'ultrasound',
  'photo',
  'custom',
] as const;
export type AugmentationPreset = (typeof augmentationPresets)[number];

/** A strength from 0 to `most`; more is refused with the reason why it would no longer leave the label true. */
function strength(most: number, unit: string, reason: string): z.ZodOptional<z.ZodNumber> {
  const error = ({ input }: { input?: unknown }): string =>
    `Expected a number from 0 to ${most}${unit}, found ${JSON.stringify(input)}: ${reason}.`;
  return z.number({ error }).min(0, { error }).max(most, { error }).optional();
}

/**
 * Random changes to training images, as a plan has them: a preset, and settings of one's own, which win over it. With a frozen prefix,
 * each image is drawn in `variants` fixed versions (version 0 is the image itself), so that the prefix runs once for each; without one,
 * every epoch draws anew. A plan that names no preset is `custom`: plans of before presets mean what they meant.
 *
 * What each setting does stands with `AugmentationConfig`.
 */
export const augmentationSchema = z.object({
  preset: z.enum(augmentationPresets).default('custom'),
  flipHorizontal: z.boolean().optional(),
  flipVertical: z.boolean().optional(),
  rotate: strength(180, ' degrees', 'half a turn is all there is'),
  shift: strength(0.5, '', 'beyond half of the side more of the image is gone than is left'),
  zoom: strength(0.5, '', 'beyond half the size findings are lost or cut off'),
  intensity: strength(1, '', 'the whole range of values is 1'),
  noise: strength(0.5, '', 'beyond that the image drowns'),
  variants: z.number().int().min(1).max(64).optional(),
  shear: strength(30, ' degrees', 'beyond that the shape of an organ is no longer one that occurs'),
  crop: strength(
    0.5,
    '',
    'beyond half of the side the finding is likely to be cut away, and the label with it',
  ),
  elastic: strength(0.1, '', 'beyond a tenth of the side tissue would fold over itself'),
  gamma: strength(1, '', 'beyond that dark or bright structures vanish'),
  exposure: strength(0.8, '', 'beyond that images are black or burnt out'),
  blur: strength(5, ' pixels', 'beyond that the texture that a diagnosis rests on is gone'),
  sharpen: strength(3, '', 'beyond that edges overshoot into structures that are not there'),
  lowResolution: strength(0.8, '', 'a fifth of the resolution is the least that still shows an organ'),
  biasField: strength(1, '', 'real coils do not shade an image more than that'),
  rician: strength(0.3, '', 'beyond that the image drowns'),
  quantumNoise: strength(0.3, '', 'beyond that the image drowns'),
  speckle: strength(0.5, '', 'beyond that the image drowns'),
  erase: strength(0.4, '', 'beyond that the finding is likely to be erased, and the label with it'),
  chance: strength(1, '', 'it is a share of the versions'),
});

/** Augmentation as a plan has it: what is left out is the preset's. */
export type AugmentationSettings = z.output<typeof augmentationSchema>;

/**
 * All settings, as images are drawn by: those that are written, else the preset's. `auto` has to be made one of the others before, by
 * who knows the images; where nobody does, it is the few changes that suit every image.
 */
export function resolveAugmentation(settings: AugmentationSettings): AugmentationConfig {
  const { preset, ...own } = settings;
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  const table = augmentationTables[preset === 'auto' ? 'custom' : (preset satisfies TabledPreset)];
  return { ...table, ...Object.fromEntries(given) };
}

export type { AugmentationConfig } from './augmentation-presets.ts';
