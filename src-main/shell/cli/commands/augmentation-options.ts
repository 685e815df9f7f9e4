import { Option, type Command } from 'commander';
import { augmentationPresets, type AugmentationPreset } from '../../../contract/augmentation.ts';
import { augmentationTables } from '../../../contract/augmentation-presets.ts';
import type { TrainingSettings } from '../../../contract/training.ts';
import { decimal, wholeNumber } from '../options.ts';

export interface AugmentationFlags {
  plan?: string;
  augment: boolean;
  augmentation?: AugmentationPreset;
  flip?: 'horizontal' | 'vertical' | 'both' | 'none';
  rotate?: number;
  shift?: number;
  zoom?: number;
  intensity?: number;
  noise?: number;
  shear?: number;
  crop?: number;
  elastic?: number;
  gamma?: number;
  exposure?: number;
  blur?: number;
  sharpen?: number;
  lowResolution?: number;
  biasField?: number;
  rician?: number;
  quantumNoise?: number;
  speckle?: number;
  erase?: number;
  chance?: number;
  variants?: number;
  workers?: number;
}

/** Random changes to training images. */
export function addAugmentationOptions(command: Command): void {
  command
    .option('--no-augment', 'show training images as they are')
    .addOption(
      new Option(
        '--augmentation <preset>',
        'what suits a modality (default: auto, by the headers; custom with a plan); single settings win over it',
      ).choices(augmentationPresets),
    )
    .addOption(
      new Option('--flip <axes>', 'mirror images; off where sides matter').choices([
        'horizontal',
        'vertical',
        'both',
        'none',
      ]),
    )
    .option('--rotate <degrees>', 'largest turn', decimal(0, 180))
    .option('--shift <share>', 'largest shift', decimal(0, 0.5))
    .option('--zoom <share>', 'largest change of scale', decimal(0, 0.5))
    .option('--shear <degrees>', 'by which upright lines lean', decimal(0, 30))
    .option('--crop <share>', 'of each side that is cut away before the rest is enlarged', decimal(0, 0.5))
    .option('--elastic <share>', 'elastic deformation: largest displacement, of the side', decimal(0, 0.1))
    .option('--intensity <share>', 'largest change of brightness and contrast', decimal(0, 1))
    .option('--gamma <ln>', 'largest |ln γ|', decimal(0, 1))
    .option('--exposure <share>', 'values times 1 ± this', decimal(0, 0.8))
    .option('--blur <pixels>', 'largest deviation of a Gaussian', decimal(0, 5))
    .option('--sharpen <amount>', 'unsharp masking', decimal(0, 3))
    .option('--low-resolution <share>', 'resolution that is lost', decimal(0, 0.8))
    .option('--bias-field <strength>', 'shading as of an MR coil', decimal(0, 1))
    .option('--noise <deviation>', 'added noise', decimal(0, 0.5))
    .option('--rician <deviation>', 'noise of MR', decimal(0, 0.3))
    .option('--quantum-noise <deviation>', 'noise of few photons (X-ray, CT)', decimal(0, 0.3))
    .option('--speckle <deviation>', 'noise in proportion to the value (ultrasound)', decimal(0, 0.5))
    .option('--erase <share>', 'of the area that a grey rectangle covers', decimal(0, 0.4))
    .option('--chance <share>', 'of the versions in which each of the rarer changes happens', decimal(0, 1))
    .option('--variants <n>', 'versions of each image behind frozen stages', wholeNumber(1))
    .option(
      '--workers <n>',
      'threads that draw augmented images ahead; 0: none (default: by the cores; changes no image)',
      wholeNumber(0),
    );
}

/** Without a plan of one's own the images decide. */
export function augmentationSettings(
  flags: AugmentationFlags,
): NonNullable<TrainingSettings['augmentation']> {
  if (!flags.augment) return { preset: 'none', ...augmentationTables.none };
  const { flip } = flags;
  const { rotate, shift, zoom, shear, crop, elastic, intensity, gamma, exposure, blur, sharpen } = flags;
  const { lowResolution, biasField, noise, rician, quantumNoise, speckle, erase, chance, variants } = flags;
  const given = {
    preset: flags.augmentation ?? (flags.plan === undefined ? ('auto' as const) : undefined),
    ...(flip === undefined
      ? {}
      : {
          flipHorizontal: flip === 'horizontal' || flip === 'both',
          flipVertical: flip === 'vertical' || flip === 'both',
        }),
    ...{ rotate, shift, zoom, shear, crop, elastic, intensity, gamma, exposure, blur, sharpen },
    ...{ lowResolution, biasField, noise, rician, quantumNoise, speckle, erase, chance, variants },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
