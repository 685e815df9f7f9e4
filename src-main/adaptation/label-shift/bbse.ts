import { LuDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';

/** Below this smallest singular value the model cannot tell its classes apart well enough to count with. */
const CONDITION = 0.02;

/**
 * Prevalence of the classes in the target by black-box shift estimation (Lipton et al. 2018): how often a model says each class of the target is undone by
 * how it errs on the source, C w = μ, C the joint frequencies of answer and truth. Taken for granted: a class looks the same in both domains.
 * Negative weights become 0.
 *
 * @param answered classes that the model says of validation images of the source
 * @param truth what these images show
 * @param target classes that it says of images of the target
 * @returns in class order, adding up to 1; null where the model errs too much for it, or a class is absent in the validation images
 */
export function blackBoxPrevalence(
  answered: readonly number[],
  truth: readonly number[],
  target: readonly number[],
  classes: number,
): Float64Array | null {
  const joint = Matrix.zeros(classes, classes);
  answered.forEach((answer, at) =>
    joint.set(answer, truth[at], joint.get(answer, truth[at]) + 1 / truth.length),
  );
  const prior = joint.sum('column');
  if (prior.some((share) => share === 0)) return null;
  // Conditioned on columns of sum 1: a rare class is not a class that cannot be told.
  const conditional = Matrix.zeros(classes, classes);
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) conditional.set(i, j, joint.get(i, j) / prior[j]);
  const { diagonal } = new SingularValueDecomposition(conditional);
  if (Math.min(...diagonal) < CONDITION) return null;
  const said = Matrix.zeros(classes, 1);
  for (const answer of target) said.set(answer, 0, said.get(answer, 0) + 1 / target.length);
  const weights = new LuDecomposition(joint).solve(said).to1DArray();
  const prevalence = Float64Array.from(prior, (share, c) => Math.max(0, weights[c]) * share);
  const total = prevalence.reduce((sum, share) => sum + share, 0);
  return total > 0 ? prevalence.map((share) => share / total) : null;
}
