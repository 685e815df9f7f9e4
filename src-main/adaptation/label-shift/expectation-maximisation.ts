import { answerCount, type Answers } from '../validators/index.ts';

const ROUNDS = 1000;
const TOLERANCE = 1e-9;

export interface MaximisedPrevalence {
  /** In class order, adding up to 1. */
  prevalence: Float64Array;
  /** Probabilities put right for it. */
  probabilities: Float64Array;
}

/**
 * Prevalence of the classes in the target by expectation maximisation (Saerens, Latinne and Decaestecker 2002): probabilities are corrected for the
 * prevalence that they add up to, until nothing changes. Taken for granted: a class looks the same in both domains, and probabilities are
 * calibrated on the source.
 *
 * @param prior prevalence in the images that the model learned from, every class above 0
 */
export function maximisedPrevalence(answers: Answers, prior: ArrayLike<number>): MaximisedPrevalence {
  const { probabilities, classes } = answers;
  const count = answerCount(answers);
  let prevalence = Float64Array.from(prior);
  const corrected = new Float64Array(probabilities.length);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(classes);
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        const at = row * classes + c;
        corrected[at] = (probabilities[at] * prevalence[c]) / prior[c];
        sum += corrected[at];
      }
      for (let c = 0; c < classes; c++) {
        const at = row * classes + c;
        corrected[at] = sum > 0 ? corrected[at] / sum : probabilities[at];
        next[c] += corrected[at] / count;
      }
    }
    const moved = next.reduce((most, share, c) => Math.max(most, Math.abs(share - prevalence[c])), 0);
    prevalence = next;
    if (moved < TOLERANCE) break;
  }
  return { prevalence, probabilities: corrected };
}
