import type { AdaptationDomains, AdaptationRecord } from '../../contract/adaptation.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import { adaptationOfRun } from '../../store/adaptations.ts';
import type { ReadableDatabase } from '../../store/index.ts';
import type { JudgementKey } from '../../store/judgements.ts';
import { getRun, listRuns } from '../../store/runs.ts';

/** Runs that were adapted from one run to one target: what is judged together. */
export interface AdaptedGroup {
  key: JudgementKey;
  /** The run that was adapted. */
  source: Run;
  domains: AdaptationDomains;
  /** Finished, in the order in which they were made. */
  adapted: { run: Run; record: AdaptationRecord }[];
}

/** The same words for the same domains, whatever order they were given in; the share is how they were learned from, not what they are. */
export function domainWords({ source, target }: Pick<AdaptationDomains, 'source' | 'target'>): string {
  const sorted = (filter: object): object =>
    Object.fromEntries(
      Object.entries(filter)
        .map(([name, value]) => [name, Array.isArray(value) ? [...(value as unknown[])].sort() : value])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  return JSON.stringify({ source: sorted(source), target: sorted(target) });
}

/**
 * The group of an adapted run, or of the one that was made last.
 *
 * @throws GraftError `adaptation-missing`
 */
export function groupOf(db: ReadableDatabase, runId?: number): AdaptedGroup {
  const all = listRuns(db)
    .filter(({ state }) => state === 'done')
    .flatMap((run) => {
      const record = adaptationOfRun(db, run.id);
      return record && record.sourceRunId !== null ? [{ run, record, sourceRunId: record.sourceRunId }] : [];
    });
  const chosen =
    runId === undefined
      ? all.reduce<(typeof all)[number] | undefined>((a, b) => (a && a.run.id > b.run.id ? a : b), undefined)
      : all.find(({ run, sourceRunId }) => run.id === runId || sourceRunId === runId);
  const source = chosen && getRun(db, chosen.sourceRunId);
  if (!chosen || !source) {
    throw new GraftError(
      'adaptation-missing',
      runId === undefined
        ? 'Expected a finished adapted run in this project, found none. Adapt one first: graft adapt.'
        : `Expected run ${runId} to be adapted, or to be one that others were adapted from; it is neither. graft runs lists them.`,
    );
  }
  const domains = domainWords(chosen.record.domains);
  return {
    key: { sourceRunId: source.id, domains },
    source,
    domains: chosen.record.domains,
    adapted: all
      .filter(
        ({ sourceRunId, record }) => sourceRunId === source.id && domainWords(record.domains) === domains,
      )
      .sort((a, b) => a.run.id - b.run.id),
  };
}
