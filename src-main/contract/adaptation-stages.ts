import {
  type AdaptationConfig,
  adaptationMethodFacts,
  type AdaptationMethodName,
  adaptationMethods,
  firstStages,
  type FirstStage,
} from './adaptation.ts';
import { GraftError } from './errors.ts';

/** A method, or one that learns behind others that prepare images and averages for it, joined by `+`: `adabn+self-training`, `histogram+mcc`. */
export type AdaptationName =
  AdaptationMethodName | `${FirstStage | 'histogram+adabn' | 'fourier+adabn'}+${AdaptationMethodName}`;

/** What is done, in this order. */
export type AdaptationStages = Pick<AdaptationConfig, 'before' | 'method'>;

const isFirst = (method: AdaptationMethodName): method is FirstStage =>
  (firstStages as readonly string[]).includes(method);
const titleOf = (method: AdaptationMethodName): string => adaptationMethodFacts[method].title;

export const nameOfAdaptation = ({ before, method }: AdaptationStages): AdaptationName =>
  [...before, method].join('+') as AdaptationName;

/** Why methods do not go together, in a sentence; null where they do. */
export function combinationFault({ before, method }: AdaptationStages): string | null {
  if (before.length === 0) return null;
  const found = nameOfAdaptation({ before, method });
  if (new Set([...before, method]).size <= before.length) return `Expected each method once, found ${found}.`;
  if (isFirst(method)) {
    const why = method === 'adabn' ? 'trains nothing' : 'changes images to learn from';
    return `Expected a method that learns from target images at the end, such as mcc; found ${found}, and ${titleOf(method)} ${why}. Put it first, or try them one by one.`;
  }
  const changing = before.filter((stage) => stage !== 'adabn');
  if (changing.length > 1)
    return `Expected one method that changes images, found ${changing.join(' and ')}. Choose one of them.`;
  if (changing.length === 1 && before[0] === 'adabn') {
    const right = nameOfAdaptation({ before: [...changing, 'adabn'], method });
    return `Expected images to be changed before averages are taken, found ${found}. Write ${right}.`;
  }
  if (changing.length === 1 && adaptationMethodFacts[method].sourceFree) {
    return `Expected a method that learns from images of the source behind ${titleOf(changing[0])}, which changes those; found ${titleOf(method)}. Leave ${changing[0]} out.`;
  }
  return null;
}

/**
 * The methods of a name such as `histogram+adabn+dan`.
 *
 * @throws GraftError `adaptation-combination`
 */
export function stagesOf(name: string): AdaptationStages {
  const refuse = (sentence: string): never => {
    throw new GraftError('adaptation-combination', sentence);
  };
  const methods = name
    .split('+')
    .map(
      (part) =>
        adaptationMethods.find((one) => one === part.trim()) ??
        refuse(
          `Expected a method, or several joined by + such as adabn+self-training, of ${adaptationMethods.join(', ')}; found "${part.trim()}".`,
        ),
    );
  const method = methods.at(-1)!;
  const learning = methods.slice(0, -1).filter((one) => !isFirst(one));
  if (learning.length > 0) {
    refuse(
      `Expected one method that learns, at the end, behind ${firstStages.join(', ')}; found ${titleOf(learning[0])} before ${titleOf(method)}. Try them one by one.`,
    );
  }
  const stages = { before: methods.slice(0, -1) as FirstStage[], method };
  const fault = combinationFault(stages);
  return fault === null ? stages : refuse(fault);
}

const everyBefore: readonly FirstStage[][] = [
  [],
  ...firstStages.map((stage) => [stage]),
  ['histogram', 'adabn'],
  ['fourier', 'adabn'],
];

/** All that can be asked for: each method alone, then what goes together. */
export const adaptationNames: readonly AdaptationName[] = everyBefore.flatMap((before) =>
  adaptationMethods
    .map((method) => ({ before, method }))
    .filter((stages) => combinationFault(stages) === null)
    .map(nameOfAdaptation),
);

/** All that need the finished model and target images alone. */
export const sourceFreeNames: readonly AdaptationName[] = adaptationNames.filter((name) =>
  methodsOf(name).every((method) => adaptationMethodFacts[method].sourceFree),
);

/** Methods that can stand at the end of a combination. */
export const lastStages: readonly AdaptationMethodName[] = adaptationMethods.filter((one) => !isFirst(one));

/** What can stand before a method that learns, the plainest first. */
export const stagesBefore = (method: AdaptationMethodName): readonly (readonly FirstStage[])[] =>
  everyBefore.filter(
    (before) => before.length > 0 && combinationFault({ before: [...before], method }) === null,
  );

/** `AdaBN, then Self-training` */
export const adaptationTitle = (name: string): string => methodsOf(name).map(titleOf).join(', then ');

/** The papers of all its methods. */
export const adaptationPapers = (name: string): string =>
  methodsOf(name)
    .map((method) => adaptationMethodFacts[method].paper)
    .join('; ');

function methodsOf(name: string): AdaptationMethodName[] {
  return name.split('+') as AdaptationMethodName[];
}
