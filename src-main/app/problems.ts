import type { RefusedFile } from '../contract/instances.ts';
import {
  getInstances,
  listPixelHashes,
  listPreparationFailures,
  listRefusedFiles,
  openProjectForReading,
  type InstanceSummary,
} from '../store/index.ts';

/** An image as a person finds it again. */
export interface ImageName {
  source: string;
  /** Relative to its source. */
  path: string;
  frameIndex: number;
}

export interface ProblemReport {
  /** Files that give no image, with the reason. */
  refused: RefusedFile[];
  /** Images whose header was read and whose pixels could not be decoded. */
  undecodable: (ImageName & { code: string; message: string })[];
  /**
   * Images with exactly the same pixels, one list for each picture that occurs more than once. Known for images that
   * were prepared.
   */
  duplicates: { images: ImageName[]; patients: number }[];
}

/** What is wrong or odd in a project's images. Opens no test set: it looks at pixels, not at predictions. */
export function listProblems(folder: string): ProblemReport {
  const project = openProjectForReading(folder);
  try {
    const { db } = project;
    const hashes = listPixelHashes(db);
    const failures = listPreparationFailures(db);
    const ids = [...hashes, ...failures].map(({ instanceId }) => instanceId);
    const instances = new Map(getInstances(db, [...new Set(ids)]).map((one) => [one.id, one]));
    const present = hashes.filter(({ instanceId }) => instances.has(instanceId));
    const groups = [...Map.groupBy(present, ({ sha256 }) => sha256).values()];
    return {
      refused: listRefusedFiles(db),
      undecodable: failures.flatMap(({ instanceId, frameIndex, code, message }) => {
        const instance = instances.get(instanceId);
        return instance ? [{ ...nameOf(instance, frameIndex), code, message }] : [];
      }),
      duplicates: groups
        .filter((group) => group.length > 1)
        .map((group) => ({
          images: group.map(({ instanceId, frameIndex }) => nameOf(instances.get(instanceId)!, frameIndex)),
          patients: new Set(group.map(({ instanceId }) => instances.get(instanceId)!.patientKey)).size,
        })),
    };
  } finally {
    project.close();
  }
}

const nameOf = ({ source, path }: InstanceSummary, frameIndex: number): ImageName => ({
  source,
  path,
  frameIndex,
});
