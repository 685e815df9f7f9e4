/** What the members say together of some images: their mean, and how far they are apart. */
export interface JointAnswer {
  /** `[samples, classes]` */
  probabilities: Float32Array;
  /** Of each image the mean over members of the squared distance of their probabilities from the mean (the ambiguity of Krogh and Vedelsby). */
  disagreement: Float32Array;
}

/** @param answers of the members, each `[samples, classes]` */
export function joined(answers: readonly Float32Array[], classes: number): JointAnswer {
  const size = answers[0].length;
  const probabilities = new Float32Array(size);
  const disagreement = new Float32Array(size / classes);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (const answer of answers) sum += answer[i];
    probabilities[i] = sum / answers.length;
  }
  for (let i = 0; i < size; i++) {
    let squares = 0;
    for (const answer of answers) squares += (answer[i] - probabilities[i]) ** 2;
    disagreement[Math.floor(i / classes)] += squares / answers.length;
  }
  return { probabilities, disagreement };
}
