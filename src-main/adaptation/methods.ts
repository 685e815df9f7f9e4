import type { AdaptationMethodName } from '../contract/adaptation.ts';
import { cdan, cdanWithEntropy } from './cdan.ts';
import { coral } from './coral.ts';
import { dan } from './dan.ts';
import { dann } from './dann.ts';
import { mcc } from './mcc.ts';
import type { MakeCompanion } from './method.ts';
import { selfTraining } from './self-training.ts';
import { shot } from './shot.ts';

/** Methods that learn from target images, step by step; the others change images or averages. */
export type LearningMethod = Exclude<AdaptationMethodName, 'histogram' | 'fourier' | 'adabn'>;

export const learningMethods: Readonly<Record<LearningMethod, MakeCompanion>> = {
  coral,
  dan,
  dann,
  cdan,
  'cdan-e': cdanWithEntropy,
  mcc,
  'self-training': selfTraining,
  shot,
};
