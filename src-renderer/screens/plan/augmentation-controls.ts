import type { AugmentationConfig, AugmentationPreset } from '../../../src-main/contract/augmentation.ts';

/** A slider of the augmentation. */
export interface Control {
  name: Exclude<keyof AugmentationConfig, 'flipHorizontal' | 'flipVertical'>;
  label: string;
  most: number;
  step: number;
  format: (value: number) => string;
}

const degrees = (value: number): string => (value === 0 ? 'off' : `± ${value}°`);
const percent = (value: number): string => (value === 0 ? 'off' : `± ${Math.round(1000 * value) / 10} %`);
const share = (value: number): string => (value === 0 ? 'off' : `${Math.round(1000 * value) / 10} %`);
const plain = (value: number): string => (value === 0 ? 'off' : String(Math.round(1000 * value) / 1000));
const pixels = (value: number): string => (value === 0 ? 'off' : `${value} px`);

export const moves: readonly Control[] = [
  { name: 'rotate', label: 'Turn', most: 180, step: 1, format: degrees },
  { name: 'shift', label: 'Shift', most: 0.5, step: 0.01, format: percent },
  { name: 'zoom', label: 'Zoom', most: 0.5, step: 0.01, format: percent },
  { name: 'shear', label: 'Shear', most: 30, step: 1, format: degrees },
  { name: 'crop', label: 'Crop', most: 0.5, step: 0.01, format: share },
  { name: 'intensity', label: 'Brightness, contrast', most: 0.5, step: 0.01, format: percent },
  { name: 'noise', label: 'Noise', most: 0.1, step: 0.005, format: plain },
  { name: 'variants', label: 'Versions behind frozen stages', most: 16, step: 1, format: String },
];

export const rarer: readonly Control[] = [
  { name: 'chance', label: 'How often', most: 1, step: 0.05, format: share },
  { name: 'elastic', label: 'Elastic deformation', most: 0.1, step: 0.005, format: share },
  { name: 'gamma', label: 'Gamma (|ln γ|)', most: 1, step: 0.05, format: plain },
  { name: 'exposure', label: 'Exposure', most: 0.8, step: 0.05, format: percent },
  { name: 'blur', label: 'Blur', most: 5, step: 0.1, format: pixels },
  { name: 'sharpen', label: 'Sharpen', most: 3, step: 0.1, format: plain },
  { name: 'lowResolution', label: 'Lost resolution', most: 0.8, step: 0.05, format: share },
  { name: 'biasField', label: 'Coil shading (MR)', most: 1, step: 0.05, format: plain },
  { name: 'rician', label: 'Rician noise (MR)', most: 0.3, step: 0.01, format: plain },
  { name: 'quantumNoise', label: 'Few photons (X-ray, CT)', most: 0.3, step: 0.01, format: plain },
  { name: 'speckle', label: 'Speckle (ultrasound)', most: 0.5, step: 0.01, format: plain },
  { name: 'erase', label: 'Covered rectangle', most: 0.4, step: 0.01, format: share },
];

export const presets: readonly { value: AugmentationPreset; label: string; hint?: string; says: string }[] = [
  { value: 'auto', label: 'Automatic', hint: 'By the modality of the images', says: '' },
  { value: 'none', label: 'None', says: 'Images are shown as they are.' },
  { value: 'ct', label: 'CT', says: 'Calibrated values: little brightness; dose, sharpness, elastic.' },
  { value: 'mr', label: 'MR', says: 'Coil shading, contrast, Rician noise, elastic.' },
  { value: 'x-ray', label: 'X-ray', says: 'Upright patients: small turns; exposure, gamma, few photons.' },
  {
    value: 'mammography',
    label: 'Mammography',
    says: 'As X-ray, and never blurred: calcifications are tiny.',
  },
  { value: 'ultrasound', label: 'Ultrasound', says: 'Speckle and gain; never upside down: shadows fall.' },
  {
    value: 'photo',
    label: 'Photograph or slide',
    says: 'Skin, tissue, endoscopy: any direction, light, focus; mirrored unless sides matter.',
  },
  { value: 'custom', label: 'My own', says: 'Exactly what is set below.' },
];
