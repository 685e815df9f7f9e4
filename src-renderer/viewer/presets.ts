import { defaultWindow, percentileWindow, type Frame, type WindowLevel } from './frame.ts';

export interface WindowPreset {
  name: string;
  window: (frame: Frame) => WindowLevel;
}

const fixed = (name: string, center: number, width: number): WindowPreset => ({
  name,
  window: () => ({ center, width }),
});

/** In Hounsfield units, as radiology departments commonly set them. */
const CT: readonly WindowPreset[] = [
  fixed('Lung', -600, 1500),
  fixed('Soft tissue', 50, 400),
  fixed('Mediastinum', 50, 350),
  fixed('Bone', 400, 1800),
  fixed('Brain', 40, 80),
  fixed('Liver', 60, 160),
];

const percentiles: WindowPreset = {
  name: 'Contrast from the image',
  window: (frame) => percentileWindow(frame, 0.5, 99.5),
};

const range: WindowPreset = {
  name: 'Whole range',
  window: ({ header: { smallest, largest, slope, intercept } }) => ({
    center: (slope * (smallest + largest)) / 2 + intercept,
    width: Math.max(1e-6, Math.abs(slope * (largest - smallest))),
  }),
};

/** Windows on offer for a frame: the file's own first, then those of the modality. */
export function presetsFor({ header }: Frame, modality: string | null): WindowPreset[] {
  if (header.samplesPerPixel === 3) return [];
  const own = header.windows.map(({ center, width, explanation }, at): WindowPreset =>
    fixed(explanation || (at === 0 ? 'As in the file' : `As in the file (${at + 1})`), center, width),
  );
  const first = own.length > 0 ? own : [{ name: 'Automatic', window: defaultWindow }];
  return [...first, ...(modality === 'CT' ? CT : []), percentiles, range];
}
