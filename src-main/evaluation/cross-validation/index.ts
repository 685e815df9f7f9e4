export { correctedT, type CorrectedT } from './corrected-t.ts';
export { foldsOfApproaches, type JudgedFold, spreadOf } from './pool-folds.ts';
