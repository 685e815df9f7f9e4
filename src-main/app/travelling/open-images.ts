import { chooseUnlabelled, prepareUnlabelled } from '../../cohort/index.ts';
import type { Dataset, Sample, Split } from '../../contract/dataset.ts';
import type { Run } from '../../contract/run.ts';
import { originOfRun } from '../../store/arrived-models.ts';
import { listSplitMembers } from '../../store/index.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { prepare } from '../train-model.ts';

/** So many are prepared at the most where nothing was learned from here. */
const MOST = 64;

/**
 * A run's images of which none is held out: those of validation and training; of a model that came from another project, which has neither here,
 * images outside all sets.
 */
export async function openImages(
  session: Session,
  run: Run,
  split: Split,
  reporting: Reporting,
): Promise<{ dataset: Dataset; open: Sample[] }> {
  const { project, jobs } = session;
  const held = listSplitMembers(project.db, split.id).length;
  if (originOfRun(project.db, run.id) === null) {
    const dataset = await prepare(session, split, run.preprocessing, reporting);
    return { dataset, open: [...dataset.validation, ...dataset.train] };
  }
  const { instanceIds } = chooseUnlabelled(project, split.id);
  // Where every patient is held out, what is compared are answers, and no label is read.
  const ids = (
    instanceIds.length > 0 || held === 0
      ? instanceIds
      : listSplitMembers(project.db, split.id).map(({ instanceId }) => instanceId)
  ).slice(0, MOST);
  const title = 'Preparing images to compare on';
  const { dataset: prepared } = await jobs.run({ kind: 'prepare', title, ...reporting }, (handle) =>
    prepareUnlabelled(project, ids, [], run.preprocessing, handle),
  );
  const { height, width } = run.preprocessing;
  const dataset: Dataset = {
    ...prepared,
    splitId: split.id,
    classes: split.classes,
    multiLabel: split.multiLabel ?? false,
    height,
    width,
    failed: [],
    warnings: [],
    splitHash: split.hash,
    preprocessing: run.preprocessing,
  };
  return { dataset, open: prepared.train };
}
