import type { FailedImage, FailureGroup, FailureReport, QualityProblem } from '../contract/checks.ts';
import { qualityProblems } from '../contract/checks.ts';
import type { Finding } from '../contract/dataset.ts';
import { kMeans } from './clusters.ts';
import { principalComponents } from './components.ts';
import { failureSentences } from './failure-sentences.ts';
import type { Features } from './frozen-features.ts';
import { type Lookalike, nearDuplicates } from './near-duplicates.ts';
import { type ImageQuality, qualityProblemsOf } from './quality.ts';

/** One image of the set that is judged, with what was said of it. */
export interface JudgedImage {
  instanceId: number;
  frameIndex: number;
  /** −1 where an image shows findings. */
  label: number;
  findings?: readonly Finding[];
  probabilities: ArrayLike<number>;
}

export interface FailureQuestion {
  setName: string;
  classes: readonly string[];
  judged: readonly JudgedImage[];
  /** Of the judged images, by the model that judged them. */
  features: Features;
  quality: readonly ImageQuality[];
  /** The judged images and those that were learned from, with features of the same model. */
  lookalikes: readonly Lookalike[];
  lookalikeFeatures: Features;
  seed: number;
}

const COMPONENTS = 8;
/** Images that a group has on average, and how many groups there are at the most. */
const [IN_GROUP, MOST_GROUPS] = [12, 6];
/** Of each list a person looks at. */
const MOST_SHOWN = 48;

/** One answer that was wrong. */
interface Failed extends FailedImage {
  row: number;
}

/** Which answers of a run were wrong, the surest first, and what they have in common. */
export function analyseFailures(question: FailureQuestion): FailureReport {
  const { judged, setName, quality } = question;
  const problems = qualityProblemsOf(quality);
  const failed = judged
    .flatMap((image, row) => failuresOf(question, image, row, problems[row]))
    .sort((a, b) => b.confidence - a.confidence);
  const answers = judged.reduce(
    (sum, { findings }) => sum + (findings ? findings.filter((one) => one !== null).length : 1),
    0,
  );
  const report = {
    setName,
    images: judged.length,
    answers,
    wrong: failed.length,
    byConfusion: byConfusion(question, failed),
    byFeatures: byFeatures(question, failed),
    nearDuplicates: nearDuplicates(question.lookalikes, question.lookalikeFeatures, setName),
    quality: byQuality(question, failed, problems),
  };
  return { ...report, sentences: failureSentences(report) };
}

function failuresOf(
  { classes }: FailureQuestion,
  { instanceId, frameIndex, label, findings, probabilities }: JudgedImage,
  row: number,
  problems: QualityProblem[],
): Failed[] {
  const image = { instanceId, frameIndex, problems, row };
  if (!findings) {
    const said = argmax(probabilities);
    if (said === label) return [];
    return [{ ...image, said: classes[said], truth: classes[label], confidence: probabilities[said] }];
  }
  return findings.flatMap((truth, at): Failed[] => {
    const there = probabilities[at] >= 0.5;
    if (truth === null || there === (truth === 1)) return [];
    const name = (is: boolean): string => (is ? classes[at] : `no ${classes[at]}`);
    const confidence = there ? probabilities[at] : 1 - probabilities[at];
    return [{ ...image, said: name(there), truth: name(!there), confidence }];
  });
}

function byConfusion({ judged, classes }: FailureQuestion, failed: readonly Failed[]): FailureGroup[] {
  const ofTruth = (truth: string): number =>
    judged.filter(({ label, findings }) => {
      if (!findings) return classes[label] === truth;
      const at = classes.findIndex((name) => truth === name || truth === `no ${name}`);
      return findings[at] === (truth === classes[at] ? 1 : 0);
    }).length;
  return [...Map.groupBy(failed, ({ truth, said }) => `${truth} → ${said}`)]
    .map(([title, images]) => ({ title, images, of: ofTruth(images[0].truth) }))
    .sort((a, b) => b.images.length - a.images.length)
    .map(shown);
}

/** Groups of all judged images by what the model sees in them; those without a wrong answer are not listed. */
function byFeatures({ judged, features, seed }: FailureQuestion, failed: readonly Failed[]): FailureGroup[] {
  if (judged.length < 2 * IN_GROUP || failed.length === 0) return [];
  const groups = Math.min(MOST_GROUPS, Math.floor(judged.length / IN_GROUP));
  const groupOf = kMeans(principalComponents(features, COMPONENTS, seed), groups, seed);
  return Array.from({ length: groups }, (_, group) => {
    const of = groupOf.filter((one) => one === group).length;
    // An image counts once, however many findings were wrong.
    const images = [
      ...new Map(failed.filter(({ row }) => groupOf[row] === group).map((one) => [one.row, one])).values(),
    ];
    return { title: `Images that look alike to the model, ${of} of them`, images, of };
  })
    .filter(({ images }) => images.length > 0)
    .sort((a, b) => b.images.length / b.of - a.images.length / a.of)
    .map(shown);
}

function byQuality(
  { judged, classes }: FailureQuestion,
  failed: readonly Failed[],
  problems: readonly QualityProblem[][],
): FailureReport['quality'] {
  const wrongRows = new Map(failed.map((one) => [one.row, one]));
  return qualityProblems.flatMap((problem) => {
    const rows = [...judged.keys()].filter((row) => problems[row].includes(problem));
    if (rows.length === 0) return [];
    const images = rows.map((row): Failed => {
      const { instanceId, frameIndex, label, probabilities, findings } = judged[row];
      const right = findings ? 'as it is' : classes[label];
      const own = { said: right, truth: right, confidence: Math.max(...Array.from(probabilities)) };
      return wrongRows.get(row) ?? { instanceId, frameIndex, ...own, problems: problems[row], row };
    });
    const wrong = rows.filter((row) => wrongRows.has(row)).length;
    const { images: some, of } = shown({ title: problem, images, of: rows.length });
    return [{ problem, images: some, of, wrong }];
  });
}

/** What a person will look at, without what only this analysis needs. */
const shown = ({
  title,
  images,
  of,
}: {
  title: string;
  images: readonly Failed[];
  of: number;
}): FailureGroup => ({
  title,
  of,
  wrong: images.length,
  images: images
    .slice(0, MOST_SHOWN)
    .map(({ instanceId, frameIndex, said, truth, confidence, problems }) => ({
      instanceId,
      frameIndex,
      said,
      truth,
      confidence,
      problems,
    })),
});

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at] > values[best]) best = at;
  return best;
}
