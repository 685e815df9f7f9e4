/** How training images are changed at random. Every strength is the largest either way; 0 is off. */
export interface AugmentationConfig {
  /** Left-right mirroring of half of the versions: only where no side is a finding. */
  flipHorizontal: boolean;
  flipVertical: boolean;
  /** Degrees. */
  rotate: number;
  /** Share of the side. */
  shift: number;
  /** Change of scale: 0.08 means between 0.92 and 1.08. */
  zoom: number;
  /** Change of brightness and of contrast, images being in [0, 1]. */
  intensity: number;
  /** Standard deviation of added noise. */
  noise: number;
  /** Versions of each image behind a frozen prefix. 1 means no augmentation there. */
  variants: number;
  /** Degrees by which upright lines lean. */
  shear: number;
  /** Largest share of each side that is cut away before the rest is enlarged, at a random place. */
  crop: number;
  /** Largest displacement of elastic deformation, as a share of the side. */
  elastic: number;
  /** Largest |ln γ| of `value ^ γ`. */
  gamma: number;
  /** Change of exposure: values times 1 ± this. */
  exposure: number;
  /** Largest standard deviation of a Gaussian, in pixels of the prepared image. */
  blur: number;
  /** Largest amount of unsharp masking. */
  sharpen: number;
  /** Largest share of the resolution that is lost and made up for by interpolation. */
  lowResolution: number;
  /** Largest coefficient of the polynomial whose exponential shades the image as an MR coil does. */
  biasField: number;
  /** Largest deviation of Rician noise: of magnitude images in MR. */
  rician: number;
  /** Largest deviation of noise at white; it grows with the root of the value, as counted photons do (X-ray, CT). */
  quantumNoise: number;
  /** Largest deviation of multiplicative noise (ultrasound). */
  speckle: number;
  /** Largest share of the area that a rectangle of the image's mean grey covers. */
  erase: number;
  /** How often each change from `elastic` down to `erase` happens to a version; those before always do. */
  chance: number;
}

export type TabledPreset = 'none' | 'ct' | 'mr' | 'x-ray' | 'mammography' | 'ultrasound' | 'photo' | 'custom';

const none: AugmentationConfig = {
  flipHorizontal: false,
  flipVertical: false,
  rotate: 0,
  shift: 0,
  zoom: 0,
  intensity: 0,
  noise: 0,
  variants: 1,
  shear: 0,
  crop: 0,
  elastic: 0,
  gamma: 0,
  exposure: 0,
  blur: 0,
  sharpen: 0,
  lowResolution: 0,
  biasField: 0,
  rician: 0,
  quantumNoise: 0,
  speckle: 0,
  erase: 0,
  chance: 0.3,
};

const custom: AugmentationConfig = {
  ...none,
  rotate: 8,
  shift: 0.04,
  zoom: 0.08,
  intensity: 0.08,
  noise: 0.01,
  variants: 4,
};

/**
 * What each preset does. Sources: nnU-Net's default pipeline (Isensee et al. 2021: turns, scale 0.7–1.4, noise, blur of 0.5–1 pixels,
 * exposure 0.75–1.25, γ 0.7–1.5, half the resolution, each in 10–30 % of the images), TorchIO's defaults (Pérez-García et al. 2021:
 * bias field of order 3 with coefficients of 0.5, ln γ of 0.3, elastic deformation over 7 control points with 2 locked borders) and
 * MONAI's transforms (Cardoso et al. 2022: Rician noise, γ); for each modality what its row says. Strengths lie on the cautious side of
 * them: classifying a whole image has less to go by than segmenting it. Left-right flips are in a preset only where no side means anything.
 */
export const augmentationTables: Readonly<Record<TabledPreset, Readonly<AugmentationConfig>>> = {
  none,
  custom,
  // Values are calibrated (Hounsfield): brightness hardly changes; dose and kernel do (noise of photons, sharpness).
  ct: {
    ...custom,
    rotate: 15,
    shift: 0.05,
    zoom: 0.15,
    intensity: 0.05,
    noise: 0.01,
    elastic: 0.02,
    gamma: 0.15,
    blur: 1,
    sharpen: 0.5,
    lowResolution: 0.5,
    quantumNoise: 0.04,
  },
  // Values have no unit: shading, contrast and noise differ from coil to coil (Sled et al. 1998; Gudbjartsson and Patz 1995).
  mr: {
    ...custom,
    rotate: 15,
    shift: 0.05,
    zoom: 0.15,
    intensity: 0.1,
    noise: 0,
    elastic: 0.03,
    gamma: 0.3,
    exposure: 0.25,
    blur: 1,
    lowResolution: 0.5,
    biasField: 0.5,
    rician: 0.04,
  },
  // Turns, shifts and scale below those of TorchXRayVision (Cohen et al. 2022: 45°, 0.15, 0.15): patients stand upright.
  'x-ray': {
    ...custom,
    rotate: 10,
    shift: 0.06,
    zoom: 0.12,
    intensity: 0.1,
    noise: 0,
    gamma: 0.25,
    exposure: 0.15,
    blur: 0.7,
    sharpen: 0.5,
    quantumNoise: 0.04,
  },
  // After Shen et al. 2019 (turns, scale, shear, intensity). Neither blur nor loss of resolution: calcifications are a few pixels wide.
  mammography: {
    ...custom,
    rotate: 15,
    shift: 0.06,
    zoom: 0.15,
    shear: 5,
    intensity: 0.1,
    noise: 0,
    elastic: 0.02,
    gamma: 0.2,
    exposure: 0.1,
    quantumNoise: 0.03,
  },
  // Little turning and never upside down: sound comes from above, and shadows fall (Born et al. 2021: 10°, shifts of 0.1).
  ultrasound: {
    ...custom,
    rotate: 10,
    shift: 0.08,
    zoom: 0.1,
    intensity: 0.1,
    noise: 0,
    gamma: 0.25,
    exposure: 0.2,
    blur: 0.7,
    speckle: 0.15,
  },
  // As for skin and tissue (Ha et al. 2020, the winners of ISIC; Tellez et al. 2019): no direction is usual, light and focus vary.
  photo: {
    ...custom,
    flipHorizontal: true,
    flipVertical: true,
    rotate: 90,
    shift: 0.06,
    zoom: 0.2,
    shear: 8,
    intensity: 0.15,
    noise: 0.01,
    crop: 0.15,
    elastic: 0.02,
    gamma: 0.25,
    exposure: 0.2,
    blur: 1,
    sharpen: 0.5,
    erase: 0.1,
  },
};
