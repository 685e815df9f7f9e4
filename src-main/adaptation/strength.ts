/**
 * The factor of DANN (Ganin et al. 2016, section 5.2.2): `2 / (1 + e^(−10 p)) − 1`, from 0 to nearly 1.
 *
 * @param progress share of the training that is done, 0 … 1
 */
export const ramp = (progress: number): number => 2 / (1 + Math.exp(-10 * progress)) - 1;
