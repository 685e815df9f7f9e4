import type {
  DomainView,
  FigureDifference,
  MapPoint,
  PrevalenceEstimates,
} from '../contract/adaptation-judgement.ts';
import type { Sample } from '../contract/dataset.ts';
import type { ModelOrigin } from '../contract/model-origin.ts';
import { type MapOptions, mapDomain, placesOnMap } from './domain-map/index.ts';
import { answersOf, featuresOf, type LabelFreeJudgement } from './judge-domains.ts';
import { blackBoxPrevalence, maximisedPrevalence } from './label-shift/index.ts';
import type { Observation } from './observe.ts';
import { likeliest, meanEntropy, mutualInformation, softNeighbourhoodDensity } from './validators/index.ts';
import { differenceSentence } from './what-differs/index.ts';

/** What there is to judge by where the source's images stayed in another project. */
export interface TargetEvidence {
  classes: readonly string[];
  target: readonly Sample[];
  /** Counts that came with the model. */
  origin: Pick<ModelOrigin, 'learned' | 'validation' | 'figures' | 'adaptedBy'>;
  /** Against the summaries that came with it; none where it has none. */
  differences: FigureDifference[];
  /** The one that was not adapted first. */
  models: readonly { runId: number; target: Observation }[];
}

/**
 * Everything that can be said of models from images of the target and counts of the source. Distances, weighted risks and the heaps that the alarm goes
 * by ask for the source's features, and are not given: whether adapting helped only labels of the target can tell.
 */
export async function judgeTarget(
  input: TargetEvidence,
  options: Pick<MapOptions, 'signal'> & { onModel?: (done: number, total: number) => void } = {},
): Promise<LabelFreeJudgement> {
  const { differences, origin, models } = input;
  const candidates: LabelFreeJudgement['candidates'] = [];
  for (const [at, model] of models.entries()) {
    // Of what was adapted, here or before it came, nobody knows how right it is on the source.
    const known = at === 0 && origin.adaptedBy.length === 0 ? origin.validation : null;
    candidates.push({
      runId: model.runId,
      view: await viewOf(model.target, known, input, options.signal),
      heaps: null,
    });
    options.onModel?.(at + 1, models.length);
  }
  return {
    differences,
    sentence:
      differences.length > 0
        ? differenceSentence(differences, null)
        : 'How the images of both differ cannot be told: no summary of those that the model learned from came with it.',
    prevalence: prevalenceOf(input),
    candidates,
  };
}

async function viewOf(
  seen: Observation,
  known: ModelOrigin['validation'],
  { target }: TargetEvidence,
  signal: AbortSignal | undefined,
): Promise<DomainView> {
  const answers = answersOf(seen);
  return {
    distances: { proxyA: null, mmd: null, mmdP: null, coral: null },
    validators: {
      entropy: meanEntropy(answers),
      infoMax: mutualInformation(answers),
      density: softNeighbourhoodDensity(answers),
      weightedRisk: null,
      embeddedRisk: null,
      effectiveImages: null,
      heapAccuracy: null,
    },
    sourceAccuracy: known && rightShare(known.confusion),
    map: await mapOf(seen, target, signal),
  };
}

function rightShare(confusion: readonly (readonly number[])[]): number | null {
  const all = confusion.flat().reduce((sum, count) => sum + count, 0);
  return all === 0 ? null : confusion.reduce((sum, row, c) => sum + row[c], 0) / all;
}

/** BBSE asks for no more than the confusion matrix, and EM for the classes' frequencies; both take for granted that classes look as they did. */
function prevalenceOf({ classes, origin, models: [{ target }] }: TargetEvidence): PrevalenceEstimates {
  const { learned, validation } = origin;
  const total = learned.classes.reduce((sum, count) => sum + count, 0);
  const prior = learned.classes.map((count) => (total === 0 ? 1 / classes.length : count / total));
  const answers = answersOf(target);
  const shown: number[] = [];
  const said: number[] = [];
  validation?.confusion.forEach((row, label) =>
    row.forEach((count, answer) => {
      for (let i = 0; i < count; i++) {
        shown.push(label);
        said.push(answer);
      }
    }),
  );
  const blackBox =
    shown.length > 0 ? blackBoxPrevalence(said, shown, likeliest(answers), classes.length) : null;
  const maximised =
    total > 0 && prior.every((share) => share > 0) ? maximisedPrevalence(answers, prior).prevalence : null;
  return {
    source: prior,
    blackBox: blackBox && [...blackBox],
    maximised: maximised && [...maximised],
    shifted: null,
  };
}

async function mapOf(
  seen: Observation,
  target: readonly Sample[],
  signal: AbortSignal | undefined,
): Promise<MapPoint[]> {
  const there = featuresOf(seen, target);
  const places = await mapDomain(there, signal ? { signal } : {});
  const said = likeliest(answersOf(seen));
  const [, shown] = placesOnMap(0, target.length);
  return shown.map((at, place) => ({
    x: Number(places[2 * place].toFixed(3)),
    y: Number(places[2 * place + 1].toFixed(3)),
    domain: 'target' as const,
    class: said[at],
    instanceId: target[at].instanceId,
  }));
}
