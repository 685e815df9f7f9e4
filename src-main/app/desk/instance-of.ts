import { GraftError } from '../../contract/errors.ts';
import { getInstances, type InstanceSummary } from '../../store/index.ts';
import type { Desk } from './desk.ts';

/** @throws GraftError `image-missing` */
export function requireInstance({ session }: Desk, instanceId: number): InstanceSummary {
  const [instance] = getInstances(session.project.db, [instanceId]);
  if (instance) return instance;
  throw new GraftError(
    'image-missing',
    `Expected image ${instanceId} in this project, found none. Its file may be gone since the last scan; scan its source again.`,
  );
}

/** Spacing between rows ÷ spacing between columns; 1 where it is unknown. */
export function pixelAspectOf({ RowSpacing, ColumnSpacing }: InstanceSummary): number {
  const spaced = RowSpacing !== null && ColumnSpacing !== null && RowSpacing > 0 && ColumnSpacing > 0;
  return spaced ? RowSpacing / ColumnSpacing : 1;
}
