import type { AuditTrail } from '../contract/audit.ts';
import { listAudit, type ReadableProject, saveAuditHead, verifyAudit } from '../store/index.ts';
import { auditSentence } from './audit-sentences.ts';
import { reading } from './session.ts';

/**
 * What was done in a project, the newest first, and whether the trail stands as it was written. Reads alone: also while another process
 * works in the project.
 *
 * @param most entries; default all
 * @throws GraftError `project-missing`, `project-too-old`
 */
export function readAudit(folder: string, most?: number): AuditTrail {
  return reading(folder, (project) => auditOf(project, most));
}

/** The same of a project that is open, whose head outside may wait to be kept. */
export function auditOf({ db, id }: ReadableProject, most?: number): AuditTrail {
  saveAuditHead(db);
  const verification = verifyAudit(db, id);
  // What is broken may hold anything, and is shown by the sentence of the check alone.
  const entries = verification.broken ? [] : listAudit(db, most);
  return {
    entries: entries.map((entry) => {
      const { seq, at, kind, hash } = entry;
      return { seq, at, kind, sentence: auditSentence(entry), hash };
    }),
    total: verification.entries,
    verification,
  };
}
