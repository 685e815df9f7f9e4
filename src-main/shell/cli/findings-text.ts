import type { RunFinding } from '../../contract/diagnosis.ts';
import type { Run } from '../../contract/run.ts';

/** What runs show, a line for each; nothing where there is nothing to say. */
export function findingsText(
  runs: readonly { run: Pick<Run, 'id' | 'approach'>; findings: readonly RunFinding[] }[],
): string[] {
  return runs.flatMap(({ run, findings }) =>
    findings.map(({ tone, text, advice }) =>
      `Run ${run.id} (${run.approach}), ${tone === 'problem' ? 'a problem' : 'a note'}: ${text} ${advice}`.trimEnd(),
    ),
  );
}
