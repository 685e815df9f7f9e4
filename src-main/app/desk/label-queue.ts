import type { LabelQueue, queueFilters, queueOrders } from '../../contract/calls/labels.ts';
import type { ImageQuery } from '../../contract/calls/data.ts';
import { RandomStream } from '../../platform/random.ts';
import { isDoubtful, listAnswers, listDisagreements, listLabelStates } from '../../store/index.ts';
import type { Desk } from './desk.ts';

export interface QueueRequest {
  labelSetId: number;
  query: ImageQuery;
  show: (typeof queueFilters)[number];
  order: (typeof queueOrders)[number];
  seed: number;
}

/** The images to be read, in order. Files that repeat another's UID are not read twice. */
export function labelQueue(desk: Desk, { labelSetId, query, show, order, seed }: QueueRequest): LabelQueue {
  const { db } = desk.session.project;
  const browser = desk.browser();
  const { table } = browser;
  const states = listLabelStates(db, labelSetId);
  const answers = listAnswers(db, labelSetId);
  const doubtful = (id: number): boolean => isDoubtful(states.get(id), answers);
  const disagreements = show === 'disagreements' ? listDisagreements(db, labelSetId) : null;
  const wanted = (id: number): boolean => {
    if (show === 'unlabelled') return !states.has(id);
    if (show === 'uncertain') return doubtful(id);
    return disagreements?.has(id) ?? true;
  };
  const ids: number[] = [];
  for (const row of browser.select(query)) {
    const id = table.ids[row];
    if (table.duplicate[row] === 0 && wanted(id)) ids.push(id);
  }
  const ordered = order === 'random' ? new RandomStream(seed, 'label-queue').shuffle(ids) : ids;
  return {
    instanceIds: ordered,
    classIds: ordered.map((id) => states.get(id)?.classId ?? 0),
    answers: Object.fromEntries(
      [...new Set(ordered.flatMap((id) => states.get(id)?.classId ?? []))].flatMap((answer) =>
        answers.has(answer) ? [[answer, answers.get(answer)!]] : [],
      ),
    ),
    uncertain: ordered.map((id) => (states.get(id)?.uncertain ? 1 : 0)),
  };
}
