import { answerCount, type Answers } from './answers.ts';

/**
 * Soft neighbourhood density (Saito et al. 2021): how many images of the target each one is near to, by the mean entropy of the softmax over cosine
 * similarities of answers, temperature 0.05; the larger, the denser. Weakness: a model that answers all images the same has the best value there is.
 */
export function softNeighbourhoodDensity(answers: Answers, temperature = 0.05): number {
  const { probabilities, classes } = answers;
  const count = answerCount(answers);
  const unit = new Float64Array(probabilities.length);
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let c = 0; c < classes; c++) square += probabilities[row * classes + c] ** 2;
    const length = Math.sqrt(square) || 1;
    for (let c = 0; c < classes; c++) unit[row * classes + c] = probabilities[row * classes + c] / length;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) {
    // The entropy of a softmax is ln Z − Σ p·s; similarities are at most 1, which keeps the exponentials within bounds.
    let [whole, weighted] = [0, 0];
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      let similarity = 0;
      for (let c = 0; c < classes; c++) similarity += unit[i * classes + c] * unit[j * classes + c];
      const scaled = (similarity - 1) / temperature;
      const part = Math.exp(scaled);
      whole += part;
      weighted += part * scaled;
    }
    if (whole > 0) sum += Math.log(whole) - weighted / whole;
  }
  return sum / count;
}
