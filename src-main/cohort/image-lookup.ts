import { dirname, isAbsolute, resolve, sep } from 'node:path';
import type { InstanceSummary } from '../store/index.ts';

/** Forward slashes, no `./` in front. */
function tidy(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
}

/** Finds images by what label files call them. */
export class ImageLookup {
  readonly #byUid: Map<string | null, InstanceSummary[]>;
  readonly #byPatient: Map<string, InstanceSummary[]>;
  readonly #byPath: Map<string, InstanceSummary[]>;
  readonly #byAbsolutePath: Map<string, InstanceSummary[]>;
  readonly #byFileName: Map<string, InstanceSummary[]>;
  readonly #folder: string;

  /** @param labelFile paths are looked for beside it, too */
  constructor(instances: readonly InstanceSummary[], labelFile: string) {
    this.#folder = dirname(resolve(labelFile));
    this.#byUid = Map.groupBy(instances, (one) => one.SOPInstanceUID);
    this.#byPatient = Map.groupBy(instances, (one) => one.patientKey);
    this.#byPath = Map.groupBy(instances, (one) => one.path);
    this.#byAbsolutePath = Map.groupBy(instances, (one) => tidy(one.absolutePath));
    this.#byFileName = Map.groupBy(instances, (one) => one.path.slice(one.path.lastIndexOf('/') + 1));
  }

  byUid(uid: string): InstanceSummary[] {
    return this.#byUid.get(uid) ?? [];
  }

  byPatient(patientKey: string): InstanceSummary[] {
    return this.#byPatient.get(patientKey) ?? [];
  }

  /**
   * The images a path can mean: absolute, relative to the label file, relative to the imported folder, and last the end
   * of a path. More than one means that the path is ambiguous.
   */
  byPath(path: string): InstanceSummary[] {
    const wanted = tidy(path);
    const local = sep === '/' ? wanted : path;
    const absolute = tidy(isAbsolute(local) ? local : resolve(this.#folder, local));
    const found = this.#byAbsolutePath.get(absolute) ?? this.#byPath.get(wanted);
    if (found) return found;
    const fileName = wanted.slice(wanted.lastIndexOf('/') + 1);
    return (this.#byFileName.get(fileName) ?? []).filter(
      (one) => wanted.endsWith(`/${one.path}`) || `/${one.path}`.endsWith(`/${wanted}`),
    );
  }
}
