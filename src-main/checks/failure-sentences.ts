import type { FailureReport, QualityProblem } from '../contract/checks.ts';

const PROBLEMS: Record<QualityProblem, string> = {
  constant: 'empty (one grey value)',
  'low-contrast': 'of low contrast',
  clipped: 'clipped to white',
  noisy: 'unusually noisy',
};

const share = (part: number, whole: number): string => `${part} of ${whole}`;

/** What an analysis of failures shows, in sentences. */
export function failureSentences(report: Omit<FailureReport, 'sentences'>): string[] {
  const { answers, wrong, images, byConfusion, byFeatures, nearDuplicates, quality } = report;
  const several = answers !== images;
  const sentences = [
    wrong === 0
      ? `No answer on ${report.setName} was wrong: there is nothing to group.`
      : `${share(wrong, answers)} ${several ? 'answers' : 'images'} of ${report.setName} went wrong.`,
  ];
  const [most] = byConfusion;
  if (most && wrong > 1)
    sentences.push(
      `Most often ${most.title}: ${share(most.wrong, most.of)}, ${most.wrong} of all ${wrong} errors.`,
    );
  const [worst] = byFeatures;
  // Both shares are of images: an image with several findings counts once in its group, and so it does among all.
  const wrongImages = byFeatures.reduce((sum, group) => sum + group.wrong, 0);
  if (worst && worst.wrong / worst.of > (1.5 * wrongImages) / images && worst.wrong >= 3)
    sentences.push(
      `Errors lie together: of ${worst.of} images that look alike to the model ${worst.wrong} went wrong.`,
    );
  for (const { problem, of, wrong: failed } of quality)
    sentences.push(
      `${of} ${of === 1 ? 'image is' : 'images are'} ${PROBLEMS[problem]}, and ${failed} of them went wrong.`,
    );
  const across = nearDuplicates.filter(({ first, second }) => first.set !== second.set).length;
  const patients = nearDuplicates.filter(({ samePatient }) => !samePatient).length;
  const labels = nearDuplicates.filter(({ sameLabel }) => !sameLabel).length;
  if (nearDuplicates.length > 0)
    sentences.push(
      `${nearDuplicates.length} ${nearDuplicates.length === 1 ? 'pair of images is' : 'pairs of images are'} nearly the same: ${across} across sets, ${patients} under different patients, ${labels} with different labels. Look at them: the same picture on both sides of a split makes results too good.`,
    );
  return sentences;
}
