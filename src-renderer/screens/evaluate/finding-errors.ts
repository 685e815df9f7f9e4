import type { ScoredImage } from './evaluation.svelte.ts';

/** A finding that was called wrongly in an image. */
export interface FindingError {
  image: ScoredImage;
  finding: number;
  /** Whether it is there, and was missed. */
  missed: boolean;
  confidence: number;
}

/** Wrong answers about findings at a probability of 0.5, the surest first. */
export function findingErrors(images: readonly ScoredImage[]): FindingError[] {
  return images
    .flatMap((image) =>
      (image.findings ?? []).flatMap((truth, finding): FindingError[] => {
        const probability = image.probabilities[finding];
        if (truth === null || probability >= 0.5 === (truth === 1)) return [];
        const missed = truth === 1;
        return [{ image, finding, missed, confidence: missed ? 1 - probability : probability }];
      }),
    )
    .sort((a, b) => b.confidence - a.confidence);
}

export interface FindingPatient {
  pseudonym: string;
  images: number;
  /** Findings that the patient has by the mean probability and does not, and the other way round. */
  alarms: string[];
  missed: string[];
  present: string[];
  /** The largest probability that was given to what is not so. */
  worst: number;
}

/** Each patient by the mean of the probabilities of all images, a finding being there that any image shows; those most wrong first. */
export function findingPatients(
  images: readonly ScoredImage[],
  classes: readonly string[],
): FindingPatient[] {
  return [...Map.groupBy(images, ({ pseudonym }) => pseudonym)]
    .map(([pseudonym, of]): FindingPatient => {
      const answers = classes.flatMap((name, at) => {
        const known = of.flatMap(({ findings }) => findings?.[at] ?? []);
        if (known.length === 0) return [];
        const mean = of.reduce((sum, { probabilities }) => sum + probabilities[at], 0) / of.length;
        return [{ name, there: known.includes(1), mean }];
      });
      const names = (list: typeof answers): string[] => list.map(({ name }) => name);
      return {
        pseudonym,
        images: of.length,
        present: names(answers.filter(({ there }) => there)),
        alarms: names(answers.filter(({ there, mean }) => !there && mean >= 0.5)),
        missed: names(answers.filter(({ there, mean }) => there && mean < 0.5)),
        worst: Math.max(0, ...answers.map(({ there, mean }) => (there ? 1 - mean : mean))),
      };
    })
    .sort((a, b) => b.worst - a.worst);
}
