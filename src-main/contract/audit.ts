/** What the audit trail has entries of. */
export const auditKinds = [
  'begun',
  'import',
  'labels',
  'source-removed',
  'split',
  'model-arrived',
  'runs-created',
  'run-started',
  'run-finished',
  'run-stopped',
  'runs-removed',
  'evaluation',
  'opening',
  'cross-validation',
  'export',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** One act in a project. */
export interface AuditEntry {
  /** From 1, without gaps. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  kind: AuditKind;
  /** Numbers, hashes and words of Graft's own; nothing that names a patient. */
  payload: Record<string, unknown>;
  /** The hash of the entry before; of the first entry 64 zeros. */
  previous: string;
  /** SHA-256 of the entry with the hash before it. */
  hash: string;
}

/** What checking the trail came to. */
export interface AuditVerification {
  entries: number;
  /** Hash of the last entry; null where there is none. */
  head: string | null;
  /** The first entry that is not as it was written, and what of it; null when all are. */
  broken: { seq: number; what: string } | null;
  /**
   * What the head that is kept outside the project says: `agrees`; `behind`: the trail has gone on since, which a crash leaves behind;
   * `differs`: the trail that ended there is not this one; `missing`: none is kept on this machine.
   */
  headKept: 'agrees' | 'behind' | 'differs' | 'missing';
  /** Openings of held-out sets that the trail has and the project lacks, or the other way round: one sentence each. */
  disagreements: string[];
  /** Whether everything is as it was written. */
  intact: boolean;
  /** The same for people. */
  sentence: string;
}

/** The trail as a page shows it. */
export interface AuditTrail {
  /** The newest first. */
  entries: { seq: number; at: string; kind: AuditKind; sentence: string; hash: string }[];
  /** Of all; `entries` may hold fewer. */
  total: number;
  verification: AuditVerification;
}
