import { sha256 } from '../../platform/files.ts';
import { identity } from '../../cohort/identity.ts';
import type { InstanceSummary } from '../../store/index.ts';

/**
 * An image in a capsule. Who has the image finds whether it took part, in any project that it was imported to; nobody comes from here to the
 * image. Another hash in each split.
 */
export const imageHash = (
  splitHash: string,
  instance: Pick<InstanceSummary, 'SOPInstanceUID' | 'source' | 'path'>,
): string => sha256(JSON.stringify(['capsule image', splitHash, identity(instance)]));

/** A patient, whose own hash is one under the project's key already: not the one that the database knows. */
export const patientHash = (splitHash: string, patientKey: string): string =>
  sha256(JSON.stringify(['capsule patient', splitHash, patientKey]));
