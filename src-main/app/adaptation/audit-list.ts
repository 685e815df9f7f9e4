import { writeFileSync } from 'node:fs';
import type { TargetAudit } from '../../contract/adaptation-judgement.ts';
import { toCsv } from '../../platform/csv.ts';
import { getInstances, openProjectForReading } from '../../store/index.ts';

/** A table of an audit's images with an empty column `label`, for `graft label` to read when it is filled in. */
export function writeAuditList(folder: string, { instanceIds }: TargetAudit, path: string): void {
  const project = openProjectForReading(folder);
  try {
    const rows = getInstances(project.db, instanceIds).map((one) => [one.source, one.path, '']);
    writeFileSync(path, toCsv([['dataset', 'path', 'label'], ...rows]));
  } finally {
    project.close();
  }
}
