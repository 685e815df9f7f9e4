import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { ImportProblem, ImportReport } from '../contract/instances.ts';
import type { ProgressListener } from '../contract/progress.ts';
import type { FoundFile, HeaderOutcome } from '../dicom/index.ts';
import { findFiles, HeaderReader } from '../dicom/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import type { FileToStore, Project } from '../store/index.ts';
import {
  appendAudit,
  countInstances,
  countRefusedFiles,
  ensureSource,
  InstanceWriter,
  knownFiles,
  markDuplicateUids,
  setFilesPresent,
  transaction,
} from '../store/index.ts';
import { attributesOf } from './attributes.ts';
import { counted } from './identity.ts';
import { importLabels } from './labels.ts';

export interface ImportOptions {
  /** Name of the source, default the folder's; a taken name gets a number behind it. */
  name?: string;
  /** A label file to read afterwards, see `importLabels`. */
  labels?: string;
  signal?: AbortSignal;
  onProgress?: ProgressListener;
  /** Worker processes; default one for each core. */
  workers?: number;
}

/** Files in one message to the workers and one transaction. */
const batchSize = 512;
/** Batches read ahead of the one that is being stored: the workers never wait for SQLite. */
const batchesAhead = 3;

/**
 * Indexes every image in a folder tree. Headers are read in worker processes and stored a batch at a time; files that
 * are unchanged since the last import (size and time) are not read again, and files that are gone are marked so. A file
 * that gives no image is listed with its reason and never stops the import.
 *
 * @throws GraftError `folder-unreadable`, `folder-is-the-project`, `cancelled` (what was stored by then is kept), and
 *   those of `importLabels`
 */
export async function importFolder(
  project: Project,
  folder: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const startedAt = performance.now();
  const root = resolve(folder);
  refuseProjectFolder(project, root);
  const source = ensureSource(project.db, root, options.name ?? (basename(root) || 'disk'));
  const scan = new Scan(project, source.id, root, options);
  await scan.run();
  const counts = countInstances(project.db, source.id);
  const report: ImportReport = {
    source,
    files: scan.files,
    read: scan.read,
    unchanged: scan.files - scan.read,
    removed: scan.removed,
    images: counts.images,
    patients: counts.patients,
    refused: countRefusedFiles(project.db, source.id),
    problems: problemsOf(counts, scan, source.name === basename(root)),
    seconds: (performance.now() - startedAt) / 1000,
  };
  if (options.labels !== undefined) {
    report.labels = await importLabels(project, options.labels, { source: source.name });
  }
  return report;
}

function refuseProjectFolder(project: Project, root: string): void {
  const inside = relative(project.folder, root);
  if (inside !== '' && (inside.startsWith('..') || isAbsolute(inside))) return;
  throw new GraftError(
    'folder-is-the-project',
    `Expected a folder of images, found ${root}, which is the project's own; name the folder that holds the images.`,
  );
}

function problemsOf(
  { duplicates, unidentified }: ReturnType<typeof countInstances>,
  { named, namedAbove, replaced, lost }: Scan,
  calledAsFolder: boolean,
): ImportProblem[] {
  const problems: ImportProblem[] = [];
  if (replaced > 0) {
    problems.push({
      kind: 'image-replaced',
      count: replaced,
      message: `${counted(replaced, 'file holds', 'files hold')} another image than before (another SOP Instance UID), which starts without labels. The labels and places in splits of the image before are kept, and count again when its file is back.`,
    });
  }
  if (lost > 0) {
    problems.push({
      kind: 'image-lost',
      count: lost,
      message: `${counted(lost, 'file', 'files')} that held an image before ${lost === 1 ? 'gives' : 'give'} none now. The labels and places in splits are kept, and count again when the image can be read.`,
    });
  }
  if (named > 0) {
    problems.push({
      kind: 'name-in-path',
      count: named,
      message: `${counted(named, 'file lies', 'files lie')} under a folder or file name that seems to hold the patient’s name. The project stores the paths below the source. Before you give it to anybody, rename them, take the source out of the project and import it again.`,
    });
  }
  if (namedAbove > 0 && calledAsFolder) {
    problems.push({
      kind: 'name-of-dataset',
      count: namedAbove,
      message: `The dataset is called after its folder, and that seems to hold a patient’s name (${counted(namedAbove, 'file is', 'files are')} of somebody of this name). Reports and exports name datasets. Where it is the patient’s, take the source out of the project and import the folder again under another name.`,
    });
  }
  if (duplicates > 0) {
    problems.push({
      kind: 'duplicate-sop-instance-uid',
      count: duplicates,
      message: `${counted(duplicates, 'file carries', 'files carry')} the SOP Instance UID of another file; the first by path is used, ${duplicates === 1 ? 'it is' : 'they are'} not.`,
    });
  }
  if (unidentified > 0) {
    problems.push({
      kind: 'no-patient-id',
      count: unidentified,
      message: `${counted(unidentified, 'image names', 'images name')} no patient; each study (or file without one) counts as a patient of its own.`,
    });
  }
  return problems;
}

/** One walk through a source. */
class Scan {
  files = 0;
  read = 0;
  removed = 0;
  /** Files that hold another image than before. */
  get replaced(): number {
    return this.#writer.replaced;
  }
  /** Files that held an image before, and give none now. */
  get lost(): number {
    return this.#writer.lost;
  }
  /** Files read whose path below the source holds their patient's name. */
  named = 0;
  /** Files read whose patient's name stands in the name of the source's folder. */
  namedAbove = 0;
  readonly #project: Project;
  readonly #root: string;
  readonly #sourceId: number;
  readonly #options: ImportOptions;
  readonly #writer: InstanceWriter;
  readonly #meter: ProgressMeter;
  readonly #queue: FoundFile[] = [];
  readonly #seen = new Set<string>();
  readonly #returned: number[] = [];
  /** In memory for the time of one import: what is stored is the hash. */
  readonly #patientKeys = new Map<string, string>();
  #walked = false;
  #inFlight = 0;
  #refused = 0;
  #wake: () => void = () => {};

  constructor(project: Project, sourceId: number, root: string, options: ImportOptions) {
    this.#project = project;
    this.#root = root.endsWith(sep) ? root : root + sep;
    this.#sourceId = sourceId;
    this.#options = options;
    this.#writer = new InstanceWriter(project.db, sourceId);
    this.#meter = new ProgressMeter('Reading headers', 'files', null, options.onProgress);
  }

  async run(): Promise<void> {
    const known = knownFiles(this.#project.db, this.#sourceId);
    const reader = new HeaderReader({ workers: this.#options.workers });
    // The walk goes on while headers are read, so that the number of files is soon known.
    const stop = new AbortController();
    const { signal } = this.#options;
    const onAbort = (): void => stop.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) stop.abort();
    try {
      await Promise.all([this.#walk(known, stop.signal), this.#store(reader, known, stop.signal)]);
    } catch (error) {
      stop.abort();
      this.#wake();
      this.#audit({ stopped: true });
      if (signal?.aborted) throw GraftError.cancelled('The import');
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await reader.close();
      markDuplicateUids(this.#project.db);
    }
    const gone = [...known.values()].filter(({ path, present }) => present && !this.#seen.has(path));
    this.removed = gone.length;
    transaction(this.#project.db, () => {
      setFilesPresent(
        this.#project.db,
        gone.map(({ id }) => id),
        false,
      );
      setFilesPresent(this.#project.db, this.#returned, true);
      this.#audit({ gone: gone.length, returned: this.#returned.length });
    });
    if (gone.length + this.#returned.length > 0) markDuplicateUids(this.#project.db);
    this.#meter.finish();
  }

  /** Enters into the trail what was stored, of an import that ends early too. */
  #audit(outcome: Record<string, number | boolean>): void {
    const { images, patients } = countInstances(this.#project.db, this.#sourceId);
    appendAudit(this.#project.db, 'import', {
      source: this.#sourceId,
      files: this.files,
      read: this.read,
      refused: this.#refused,
      images,
      patients,
      ...outcome,
    });
  }

  async #walk(known: ReturnType<typeof knownFiles>, signal: AbortSignal): Promise<void> {
    const unreadable: FileToStore[] = [];
    try {
      const onUnreadable = (path: string, error: Error): void => {
        unreadable.push(this.#unreadable(path, error));
      };
      const own = this.#project.folder + sep;
      for await (const file of findFiles(this.#root, { signal, onUnreadable })) {
        if (file.path.startsWith(own)) continue;
        this.files++;
        const path = this.#pathInSource(file.path);
        this.#seen.add(path);
        const before = known.get(path);
        if (before && before.size === file.size && before.mtimeMs === file.mtimeMs) {
          if (!before.present) this.#returned.push(before.id);
          continue;
        }
        this.#queue.push(file);
        if (this.#queue.length >= batchSize) this.#wake();
      }
      for (const { path } of unreadable) this.#seen.add(path);
      this.files += unreadable.length;
      this.read += unreadable.length;
      this.#writer.save(unreadable);
    } finally {
      this.#walked = true;
      this.#tellTotal();
      this.#wake();
    }
  }

  async #store(
    reader: HeaderReader,
    known: ReturnType<typeof knownFiles>,
    signal: AbortSignal,
  ): Promise<void> {
    const reading: { batch: FoundFile[]; outcomes: Promise<HeaderOutcome[]> }[] = [];
    for (;;) {
      const full = this.#queue.length >= batchSize || (this.#walked && this.#queue.length > 0);
      if (full && reading.length < batchesAhead) {
        const batch = this.#queue.splice(0, batchSize);
        this.#inFlight += batch.length;
        const outcomes = reader.readHeaders(
          batch.map(({ path }) => path),
          { signal },
        );
        outcomes.catch(() => {});
        reading.push({ batch, outcomes });
        continue;
      }
      const next = reading.shift();
      if (next) {
        this.#save(next.batch, await next.outcomes, known);
        continue;
      }
      if (this.#walked) return;
      await new Promise<void>((wake) => (this.#wake = wake));
    }
  }

  #save(
    batch: readonly FoundFile[],
    outcomes: readonly HeaderOutcome[],
    known: ReturnType<typeof knownFiles>,
  ): void {
    const files = batch.map((file, index): FileToStore => {
      const outcome = outcomes[index];
      const path = this.#pathInSource(file.path);
      return {
        path,
        size: file.size,
        mtimeMs: file.mtimeMs,
        isNew: !known.has(path),
        outcome: this.#outcome(path, outcome),
      };
    });
    this.#writer.save(files);
    this.read += files.length;
    this.#inFlight -= files.length;
    // Above the source's own folder nothing but this machine is told of.
    const folder = dirname(this.#root).length;
    for (const one of outcomes) {
      const nameAt = one.kind === 'image' ? (one.nameAt ?? -1) : -1;
      if (nameAt >= this.#root.length) this.named++;
      else if (nameAt >= folder) this.namedAbove++;
    }
    this.#refused += files.filter(({ outcome }) => outcome.kind === 'refused').length;
    this.#meter.advance(files.length, this.#refused > 0 ? `${this.#refused} refused` : undefined);
  }

  #outcome(path: string, outcome: HeaderOutcome): FileToStore['outcome'] {
    if (outcome.kind === 'refused') return outcome;
    const { PatientID, StudyInstanceUID } = outcome.header;
    const patientIdentified = PatientID !== null;
    const name = patientIdentified
      ? `patient:${PatientID}`
      : StudyInstanceUID === null
        ? `file:${path}`
        : `study:${StudyInstanceUID}`;
    let patientKey = this.#patientKeys.get(name);
    if (patientKey === undefined) {
      patientKey = patientIdentified
        ? this.#project.hashPatientId(PatientID)
        : StudyInstanceUID === null
          ? this.#project.hashStandIn('file', `${this.#sourceId}/${path}`)
          : this.#project.hashStandIn('study', StudyInstanceUID);
      this.#patientKeys.set(name, patientKey);
    }
    return { kind: 'image', patientKey, patientIdentified, attributes: attributesOf(outcome.header) };
  }

  #tellTotal(): void {
    this.#meter.total = this.#meter.done + this.#inFlight + this.#queue.length;
  }

  #pathInSource(path: string): string {
    const inside = path.slice(this.#root.length);
    return sep === '/' ? inside : inside.split(sep).join('/');
  }

  #unreadable(path: string, error: Error): FileToStore {
    const code = (error as NodeJS.ErrnoException).code ?? error.message;
    return {
      path: this.#pathInSource(path),
      size: 0,
      mtimeMs: 0,
      outcome: {
        kind: 'refused',
        reason: 'unreadable',
        message: `Expected a file or folder that can be read; the system says ${code}.`,
      },
    };
  }
}
