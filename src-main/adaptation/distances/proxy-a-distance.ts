import { RandomStream } from '../../platform/random.ts';
import { fitDomainClassifier, targetLogOdds } from './domain-classifier.ts';
import { type DomainFeatures, rowsAt } from './domain-features.ts';

/** Places of a domain's images in the two halves. */
export type Halves = [number[], number[]];

/**
 * Proxy A-distance (Ben-David et al. 2006): 2(1 − 2ε), ε the error with which a linear classifier tells the domains apart on images that it has not
 * seen. 0: it guesses; 2: it is never wrong. Each half of the patients teaches once and judges once; a patient is never on both sides,
 * whichever domain its images belong to. Both domains count the same. Below 0, which chance brings, it is 0.
 */
export function proxyADistance(source: DomainFeatures, target: DomainFeatures, seed: number): number {
  const sideOf = dealPatients([...source.patients, ...target.patients], seed);
  return proxyADistanceOf(source, target, halves(source, sideOf), halves(target, sideOf));
}

/** The same with halves that are given. */
export function proxyADistanceOf(
  source: DomainFeatures,
  target: DomainFeatures,
  sourceHalves: Halves,
  targetHalves: Halves,
): number {
  const errors: number[] = [];
  for (const taught of [0, 1] as const) {
    const [learned, judged] = [taught, 1 - taught];
    if ([...sourceHalves, ...targetHalves].some((half) => half.length === 0)) continue;
    const classifier = fitDomainClassifier(
      rowsAt(source, sourceHalves[learned]),
      rowsAt(target, targetHalves[learned]),
    );
    const shareWrong = (domain: DomainFeatures, places: number[], isTarget: boolean): number => {
      const odds = targetLogOdds(classifier, rowsAt(domain, places));
      return odds.filter((value) => value > 0 !== isTarget).length / places.length;
    };
    errors.push(
      (shareWrong(source, sourceHalves[judged], false) + shareWrong(target, targetHalves[judged], true)) / 2,
    );
  }
  // One patient alone in a domain cannot be on both sides: nothing is known of the distance then.
  if (errors.length === 0) return NaN;
  const error = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  return Math.max(0, 2 * (1 - 2 * error));
}

function dealPatients(patients: readonly string[], seed: number): Map<string, number> {
  const order = new RandomStream(seed, 'adaptation', 'halves').shuffle([...new Set(patients)].sort());
  return new Map(order.map((patient, at) => [patient, at % 2]));
}

function halves({ patients }: DomainFeatures, sideOf: Map<string, number>): Halves {
  const parts: Halves = [[], []];
  patients.forEach((patient, at) => parts[sideOf.get(patient)!].push(at));
  return parts;
}
