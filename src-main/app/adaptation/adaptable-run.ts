import { normalizationLayers } from '../../adaptation/index.ts';
import {
  type AdaptationMethodName,
  adaptationMethodFacts,
  adaptationMethods,
} from '../../contract/adaptation.ts';
import type { AdaptableRun } from '../../contract/calls/adaptations.ts';
import { originFacts } from '../../contract/model-origin.ts';
import { methodOf, type Run } from '../../contract/run.ts';
import { modelFolder } from '../../jobs/train-run.ts';
import { readModelNetwork } from '../../models/index.ts';
import { originOfRun } from '../../store/arrived-models.ts';
import { getSplit, type ReadableProject } from '../../store/index.ts';
import { getComparison } from '../../store/runs.ts';
import { nameOfStart } from '../start-names.ts';

/** A run that can be adapted as a page shows it, with the methods that cannot do it and why. */
export function adaptableRun(project: ReadableProject, run: Run): AdaptableRun {
  const { id, config, createdAt, approach, comparisonId } = run;
  const origin = originOfRun(project.db, id);
  const { multiLabel = false } = getSplit(project.db, getComparison(project.db, comparisonId)!.splitId)!;
  const normalized = hasNormalization(modelFolder(project, id));
  const reasonAgainst = (method: AdaptationMethodName): string | null => {
    const { sourceFree, oneClass } = adaptationMethodFacts[method];
    if (origin && !sourceFree) return 'Needs the source’s images, which stayed in the other project.';
    if (multiLabel && oneClass) return 'Needs images of one class each; these have findings.';
    return method === 'adabn' && !normalized ? 'Needs a network with BatchNorm; this one has none.' : null;
  };
  return {
    runId: id,
    // Weights of another project have no folder here.
    modelName: origin ? config.modelName : nameOfStart(config),
    createdAt,
    adaptedBy: methodOf(approach),
    origin: origin && originFacts(origin),
    refused: Object.fromEntries(
      adaptationMethods.flatMap((method) => {
        const reason = reasonAgainst(method);
        return reason === null ? [] : [[method, reason] as const];
      }),
    ),
  };
}

/** A folder that is gone is told of when it is adapted. */
function hasNormalization(folder: string): boolean {
  try {
    return normalizationLayers({ network: readModelNetwork(folder) }).length > 0;
  } catch {
    return false;
  }
}
