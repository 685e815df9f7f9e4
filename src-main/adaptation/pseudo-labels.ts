/** What a class-balanced self-training believes of an image: its class; −1: nothing yet. */
export type PseudoLabels = Int32Array;

/**
 * Class-balanced self-training (Zou et al. 2018, equation 7 and algorithm 2): of the images predicted to be of a class the surest share is
 * believed, so that frequent or easy classes do not push out the others. An image’s probabilities are compared as multiples of each class’s
 * bar, and it is believed to be of the class in which it clears its bar by most.
 *
 * @param probabilities `[images, classes]` @param share of each class that is believed, 0 … 1
 */
export function classBalancedLabels(
  probabilities: Float32Array,
  classes: number,
  share: number,
): PseudoLabels {
  const images = probabilities.length / classes;
  const confidences = Array.from({ length: classes }, (): number[] => []);
  for (let i = 0; i < images; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    const best = row.indexOf(Math.max(...row));
    confidences[best].push(row[best]);
  }
  const bars = confidences.map((own) => {
    if (own.length === 0) return 1;
    own.sort((a, b) => b - a);
    return own[Math.max(1, Math.round(own.length * share)) - 1];
  });
  return Int32Array.from({ length: images }, (_, i) => {
    let [best, most] = [-1, 0];
    for (let c = 0; c < classes; c++) {
      const over = probabilities[i * classes + c] / bars[c];
      if (over > most) [best, most] = [c, over];
    }
    return most >= 1 ? best : -1;
  });
}
