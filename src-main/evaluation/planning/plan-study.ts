import {
  type CurvePoint,
  studyQuestion,
  type StudyPlan,
  type StudyQuestionInput,
} from '../../contract/study-plan.ts';
import { aucPrecisionSampleSize, pairedAucSampleSize } from './auc.ts';
import { fitLearningCurve } from './learning-curve.ts';
import { designEffect, pairedSampleSize } from './paired-accuracies.ts';

/** Beyond this many times the largest number given, a curve is not to be trusted. */
const FARTHEST = 3;
const STEPS = 24;

/**
 * How many patients a study takes, and what more of them would bring to training.
 *
 * @throws GraftError `planning-discordance`, `planning-difference`
 */
export function planStudy(input: StudyQuestionInput): StudyPlan {
  const question = studyQuestion.parse(input);
  const { alpha, power, accuracies, imagesPerPatient, alike } = question;
  const effect = designEffect(imagesPerPatient, alike);
  const patients = accuracies
    ? pairedSampleSize(accuracies.difference, accuracies.discordant, { alpha, power })
    : null;
  return {
    question,
    accuracies: patients === null ? null : { patients, images: Math.ceil(patients * effect) },
    area: areasFor(question),
    designEffect: effect,
    curve: curveFor(question),
  };
}

function areasFor({ area, alpha, power }: StudyPlan['question']): StudyPlan['area'] {
  if (!area) return [];
  const { auc, other, halfWidth, prevalence, correlation } = area;
  const negativesPerPositive = (1 - prevalence) / prevalence;
  return [
    ...(other === undefined
      ? []
      : [
          {
            ...pairedAucSampleSize(auc, other, { alpha, power, negativesPerPositive, correlation }),
            what: 'difference' as const,
          },
        ]),
    ...(halfWidth === undefined
      ? []
      : [
          {
            ...aucPrecisionSampleSize(auc, halfWidth, { alpha, negativesPerPositive }),
            what: 'half-width' as const,
          },
        ]),
  ];
}

/** A power law knows no bounds; scores do. */
const possible = (score: number): number => Math.min(1, Math.max(0, score));

function curveFor({ points, target }: StudyPlan['question']): StudyPlan['curve'] {
  const sorted = [...points].sort((a, b) => a.patients - b.patients);
  const curve = fitLearningCurve(
    sorted.map(({ patients }) => patients),
    sorted.map(({ score }) => score),
  );
  if (!curve) return null;
  const [first, last] = [sorted[0].patients, sorted[sorted.length - 1].patients];
  const needed = target === undefined ? null : curve.casesFor(target);
  return {
    ceiling: curve.ceiling,
    ceilingError: curve.errors[0],
    points: Array.from({ length: STEPS + 1 }, (_, step): CurvePoint => {
      const patients = Math.round(first * ((FARTHEST * last) / first) ** (step / STEPS));
      const { score, low, high } = curve.at(patients);
      return { patients, score: possible(score), low: possible(low), high: possible(high) };
    }),
    needed,
    farther: needed !== null && needed > FARTHEST * last,
  };
}
