export type { ReadableDatabase, WritableDatabase } from './database.ts';
export { openReadableDatabase, openWritableDatabase, transaction } from './database.ts';
export type { Migration } from './migrate.ts';
export { migrate } from './migrate.ts';
export { migrations } from './migrations/index.ts';
export type { Project, ProjectPaths, ReadableProject } from './project.ts';
export { createProject, deleteProjectKey, isProject, openProject, openProjectForReading } from './project.ts';
export { configurationFolder } from './project-key.ts';
export { appendAudit, listAudit } from './audit.ts';
export { verifyAudit } from './audit-verify.ts';
export { saveAuditHead } from './audit-head.ts';
export * from './sources.ts';
export * from './files.ts';
export * from './instance-writer.ts';
export * from './instances.ts';
export * from './pixel-hashes.ts';
export * from './oddities.ts';
export * from './tensor-caches.ts';
export * from './labels.ts';
export * from './finding-labels.ts';
export {
  answerIds,
  answerNames,
  findingsText,
  findingStates,
  isDoubtful,
  isMultiLabel,
  listAnswers,
  type FindingStates,
} from './answers.ts';
export * from './label-sets.ts';
export * from './readings.ts';
export * from './instance-table.ts';
export * from './splits.ts';
