/** What a model says of images: probabilities in rows, `[images, classes]`. */
export interface Answers {
  probabilities: Float32Array | Float64Array;
  classes: number;
}

export const answerCount = ({ probabilities, classes }: Answers): number => probabilities.length / classes;

/** −p ln p, and 0 at 0. */
export const surprise = (p: number): number => (p > 0 ? -p * Math.log(p) : 0);

/** Mean probability of each class. */
export function meanAnswer(answers: Answers): Float64Array {
  const { probabilities, classes } = answers;
  const count = answerCount(answers);
  const mean = new Float64Array(classes);
  probabilities.forEach((p, at) => {
    mean[at % classes] += p / count;
  });
  return mean;
}

/** The likeliest class of each image; of equals the first. */
export function likeliest(answers: Answers): number[] {
  const { probabilities, classes } = answers;
  return Array.from({ length: answerCount(answers) }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (probabilities[row * classes + c] > probabilities[row * classes + best]) best = c;
    return best;
  });
}
