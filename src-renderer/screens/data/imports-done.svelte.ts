import type { ImportReport, LabelReport } from '../../../src-main/contract/instances.ts';
import type { Job } from '../../../src-main/contract/job.ts';

export interface ImportDone {
  job: Job;
  result: { images: ImportReport; labels: LabelReport | null };
}

/** What the page saw being imported; last week's import is no news, and what was dismissed stays so. */
class ImportsDone {
  readonly #openedAt = new Date().toISOString();
  #dismissed = $state.raw<ReadonlySet<string>>(new Set());

  /** The last import since the page was opened; null where there is none, or it was dismissed. */
  newest(jobs: readonly Job[]): ImportDone | null {
    const job = jobs.find(({ kind, state }) => kind === 'import' && state === 'done');
    if (!job?.result || !job.finishedAt || job.finishedAt < this.#openedAt) return null;
    if (this.#dismissed.has(keyOf(job))) return null;
    return { job, result: job.result as ImportDone['result'] };
  }

  dismiss(job: Pick<Job, 'id' | 'createdAt'>): void {
    this.#dismissed = new Set([...this.#dismissed, keyOf(job)]);
  }
}

/** Numbers of jobs begin anew in each project. */
const keyOf = ({ id, createdAt }: Pick<Job, 'id' | 'createdAt'>): string => `${id}/${createdAt}`;

export const importsDone = new ImportsDone();
