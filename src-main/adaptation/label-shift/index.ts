export { blackBoxPrevalence } from './bbse.ts';
export { type MaximisedPrevalence, maximisedPrevalence } from './expectation-maximisation.ts';
export { shiftedPrevalence, type ShiftedPrevalence } from './shifted-mixture.ts';

/** Half the summed difference of two prevalences: the share of patients that would have to change class. */
export function prevalenceDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < first.length; c++) sum += Math.abs(first[c] - second[c]);
  return sum / 2;
}
