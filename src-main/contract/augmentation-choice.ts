import type { AugmentationConfig } from './augmentation.ts';
import type { TabledPreset } from './augmentation-presets.ts';

/** Images whose headers say the same of what augmentation goes by, under the standard's keywords. */
export interface ImageKind {
  Modality: string | null;
  BodyPartExamined: string | null;
  ViewPosition: string | null;
  /** L, R or B; from Laterality or ImageLaterality. */
  Laterality: string | null;
  images: number;
}

/** What became of a plan's augmentation for the images at hand. */
export interface AugmentationChoice {
  /** The plan's, or what `auto` came to. */
  preset: TabledPreset;
  /** What `auto` comes to for these images. */
  suits: TabledPreset;
  /** Why `auto` comes to that, in a sentence. */
  reason: string;
  /** Whether left and right mean something in these images: `free` only where it is known that they do not. */
  sides: 'matter' | 'unclear' | 'free';
  /** Why sides matter, in phrases. */
  sideReasons: string[];
  /** All settings: those that the plan writes, else the preset's, without its flips where sides matter. */
  config: AugmentationConfig;
}
