import { type Network, stageOutput, stagesOf } from './network.ts';

/**
 * Where a network can be cut: the last stage, up to `stage`, behind which nothing but that stage's own output is looked at. Only a head on the
 * features of all stages makes it another one than `stage`, as it looks at each of them.
 *
 * @param stage the last stage that may come before the cut; null: none may
 * @returns null where it can be cut nowhere before
 */
export function lastCut(network: Network, stage: string | null): string | null {
  if (stage === null) return null;
  const stages = stagesOf(network);
  const stageOf = new Map(network.layers.map(({ name, stage: own }) => [name, stages.indexOf(own)]));
  for (let at = stages.indexOf(stage); at >= 0; at--) {
    const output = stageOutput(network, stages[at]);
    const alone = network.layers.every(
      (layer) =>
        stages.indexOf(layer.stage) <= at ||
        layer.inputs.every((input) => input === output || stageOf.get(input)! > at),
    );
    if (alone) return stages[at];
  }
  return null;
}
