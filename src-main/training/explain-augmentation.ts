import type { PlanWarning } from '../contract/calls/plans.ts';
import type { AugmentationChoice } from '../contract/augmentation-choice.ts';
import type { AugmentationConfig } from '../contract/augmentation.ts';
import { augments } from './augment.ts';

const list = new Intl.ListFormat('en', { type: 'conjunction' });
const percent = (share: number): string => `${Math.round(100 * share)} %`;

const words: [keyof AugmentationConfig, (by: number) => string][] = [
  ['rotate', (by) => `turned by up to ${by}°`],
  ['shift', (by) => `shifted by up to ${percent(by)}`],
  ['zoom', (by) => `zoomed by up to ${percent(by)}`],
  ['shear', (by) => `sheared by up to ${by}°`],
  ['crop', (by) => `cropped by up to ${percent(by)}`],
  ['intensity', () => 'changed in brightness and contrast'],
  ['noise', () => 'made noisier'],
];
const occasional: [keyof AugmentationConfig, string][] = [
  ['elastic', 'elastic deformation'],
  ['gamma', 'gamma'],
  ['exposure', 'exposure'],
  ['blur', 'blur'],
  ['sharpen', 'sharpening'],
  ['lowResolution', 'loss of resolution'],
  ['biasField', 'shading as of an MR coil'],
  ['rician', 'Rician noise'],
  ['quantumNoise', 'noise as of few photons'],
  ['speckle', 'speckle'],
  ['erase', 'a covered rectangle'],
];

/** What happens to training images, in a sentence or two; none where nothing does. */
export function explainAugmentation({
  config,
  preset,
  suits,
  reason,
  sideReasons,
}: AugmentationChoice): string[] {
  if (!augments(config)) return ['Training images are shown as they are: nothing is changed at random.'];
  const always = [
    ...(config.flipHorizontal ? ['mirrored left to right'] : []),
    ...(config.flipVertical ? ['turned upside down'] : []),
    ...words.flatMap(([name, word]) => (Number(config[name]) > 0 ? [word(Number(config[name]))] : [])),
  ];
  const at = occasional.flatMap(([name, word]) => (Number(config[name]) > 0 ? [word] : []));
  const why = preset === suits && preset !== 'custom' ? ` ${reason}` : '';
  const some =
    at.length > 0 && config.chance > 0
      ? ` In ${percent(config.chance)} of the versions each: ${list.format(at)}.`
      : '';
  const first =
    always.length > 0
      ? `Training images are at random ${list.format(always)}.`
      : 'Training images are changed at random.';
  const mirrored = config.flipHorizontal || config.flipVertical;
  const against =
    mirrored && sideReasons.length > 0
      ? [`Mirroring makes left of right, and here sides matter: ${list.format(sideReasons)}.`]
      : [];
  return [`${first}${some}${why}`, ...against];
}

const unwise = (text: string, advice: string): PlanWarning => ({ tone: 'unwise', text, advice });
const note = (text: string, advice: string): PlanWarning => ({ tone: 'note', text, advice });

/** What a plan's augmentation is likely to spoil. */
export function warnOfAugmentation(choice: AugmentationChoice, cut: string | null): PlanWarning[] {
  return [...flipWarnings(choice), ...kindWarnings(choice), ...versionWarnings(choice, cut)];
}

function flipWarnings({ config, sides, sideReasons }: AugmentationChoice): PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (sides === 'free') return warnings;
  if (config.flipHorizontal) {
    warnings.push(
      sides === 'matter'
        ? unwise(
            `Images are mirrored left to right, and here sides matter: ${list.format(sideReasons)}. A mirrored image can show what its label does not say.`,
            'Switch the mirroring off.',
          )
        : note(
            'Images are mirrored left to right: in medicine a side is often a finding (situs, laterality, markers).',
            'Keep this only where left and right mean the same.',
          ),
    );
  }
  if (config.flipVertical) {
    warnings.push(
      sides === 'matter'
        ? unwise(
            `Images are turned upside down, which mirrors them too, and here sides matter: ${list.format(sideReasons)}.`,
            'Switch it off.',
          )
        : note('Images are turned upside down.', 'Keep this only where no position is usual.'),
    );
  }
  return warnings;
}

/** What only one kind of scanner does to an image. */
function kindWarnings({ config, suits }: AugmentationChoice): PlanWarning[] {
  if (suits === 'custom') return [];
  const alien = [
    ...(suits !== 'mr' && config.biasField > 0 ? ['the shading of MR coils'] : []),
    ...(suits !== 'mr' && config.rician > 0 ? ['the Rician noise of MR'] : []),
    ...(suits !== 'ultrasound' && config.speckle > 0 ? ['the speckle of ultrasound'] : []),
    ...(!['ct', 'x-ray', 'mammography'].includes(suits) && config.quantumNoise > 0
      ? ['the noise of few X-ray photons']
      : []),
  ];
  if (alien.length === 0) return [];
  return [
    note(
      `Training images get ${list.format(alien)}, which images of the kind ${suits} never have.`,
      'Leave out what cannot happen; automatic augmentation does.',
    ),
  ];
}

function versionWarnings({ config }: AugmentationChoice, cut: string | null): PlanWarning[] {
  if (cut === null || config.variants > 1) return [];
  return [
    note(
      'Behind frozen stages each image is seen in one version only: there is no augmentation.',
      'Ask for a few versions of each image.',
    ),
  ];
}
