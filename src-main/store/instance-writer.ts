import type { InstanceAttributes } from '../contract/instances.ts';
import type { WritableDatabase } from './database.ts';

/** A file that was read, as the import hands it over. */
export interface FileToStore {
  /** Relative to the source, with forward slashes. */
  path: string;
  size: number;
  mtimeMs: number;
  /** Never seen in this source before: nothing has to be replaced, which is quicker. */
  isNew?: boolean;
  outcome:
    | { kind: 'image'; patientKey: string; patientIdentified: boolean; attributes: InstanceAttributes }
    | { kind: 'refused'; reason: string; message: string };
}

/** Columns of `instances` that hold attributes, named as they are. */
export const attributeColumns = [
  'TransferSyntaxUID',
  'SOPInstanceUID',
  'SOPClassUID',
  'StudyInstanceUID',
  'SeriesInstanceUID',
  'FrameOfReferenceUID',
  'PatientSex',
  'PatientAge',
  'StudyYear',
  'Modality',
  'ImageType',
  'Manufacturer',
  'ManufacturerModelName',
  'InstitutionName',
  'StationName',
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'BodyPartExamined',
  'ViewPosition',
  'SeriesDescription',
  'ProtocolName',
  'Laterality',
  'BurnedInAnnotation',
  'SeriesNumber',
  'InstanceNumber',
  'Rows',
  'Columns',
  'NumberOfFrames',
  'SamplesPerPixel',
  'PhotometricInterpretation',
  'BitsAllocated',
  'BitsStored',
  'PixelRepresentation',
  'RowSpacing',
  'ColumnSpacing',
] as const satisfies readonly (keyof InstanceAttributes)[];

/**
 * Stores read files, with statements prepared once: thousands a second. A file that was known is replaced, and what
 * was derived from its old pixels (hashes, failures) goes; its labels stay.
 *
 * Labels, places in splits and predictions belong to an image, not to a path. Where a file holds another image than
 * before (another SOP Instance UID), or none, the earlier image counts as gone, with all that was said of it, until its
 * path holds it again.
 */
export class InstanceWriter {
  /** Files that held another image before. */
  replaced = 0;
  /** Files that held an image before, and give none now. */
  lost = 0;
  readonly #save: (files: readonly FileToStore[]) => void;

  constructor(db: WritableDatabase, sourceId: number) {
    const insertFileSql =
      'INSERT INTO files (source_id, path, size, mtime_ms, status, reason, message) VALUES (?, ?, ?, ?, ?, ?, ?)';
    const insertFile = db.prepare(insertFileSql);
    const upsertFile = db
      .prepare(
        `${insertFileSql}
        ON CONFLICT (source_id, path) DO UPDATE SET size = excluded.size, mtime_ms = excluded.mtime_ms,
          status = excluded.status, reason = excluded.reason, message = excluded.message, present = 1
        RETURNING id`,
      )
      .pluck();
    const findPatient = db.prepare('SELECT id FROM patients WHERE key = ?').pluck();
    const addPatient = db.prepare('INSERT INTO patients (key, identified) VALUES (?, ?)');
    const columns = ['file_id', 'patient_id', ...attributeColumns];
    const insertInstanceSql = `INSERT INTO instances (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    const insertInstance = db.prepare(insertInstanceSql);
    const upsertInstance = db
      .prepare(
        `${insertInstanceSql}
        ON CONFLICT (file_id) DO UPDATE SET duplicate_of = NULL,
          ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
        RETURNING id`,
      )
      .pluck();
    const findInstance = db.prepare('SELECT id, SOPInstanceUID FROM instances WHERE file_id = ?').raw();
    const addPlace = db
      .prepare(
        `INSERT INTO files (source_id, path, size, mtime_ms, status, present) VALUES (?, ?, 0, 0, 'image', 0) RETURNING id`,
      )
      .pluck();
    const findPlace = db.prepare('SELECT id FROM files WHERE source_id = ? AND path = ?').pluck();
    const removePlace = db.prepare('DELETE FROM files WHERE id = ?');
    const moveInstance = db.prepare('UPDATE instances SET file_id = ? WHERE file_id = ?');
    const removeHashes = db.prepare('DELETE FROM pixel_hashes WHERE instance_id = ?');
    const removeFailures = db.prepare('DELETE FROM preparation_failures WHERE instance_id = ?');
    const patients = new Map<string, number>();

    const patientId = (key: string, identified: boolean): number => {
      let id = patients.get(key);
      if (id === undefined) {
        id =
          (findPatient.get(key) as number | undefined) ??
          Number(addPatient.run(key, identified ? 1 : 0).lastInsertRowid);
        patients.set(key, id);
      }
      return id;
    };

    /** Makes a known file's place free for what it holds now: nothing is deleted, and an image that was there before comes back. */
    const makePlace = (fileId: unknown, path: string, now: FileToStore['outcome']): void => {
      const found = findInstance.get(fileId) as [number, string | null] | undefined;
      const uid = now.kind === 'image' ? now.attributes.SOPInstanceUID : null;
      if (found) {
        const [, before] = found;
        if (now.kind === 'image' && (before === null || uid === null || before === uid)) return;
        moveInstance.run(addPlace.get(sourceId, goneFrom(path, before)), fileId);
        if (now.kind === 'image') this.replaced++;
        else this.lost++;
      }
      if (now.kind === 'refused') return;
      const place = findPlace.get(sourceId, goneFrom(path, uid));
      if (place === undefined) return;
      moveInstance.run(fileId, place);
      removePlace.run(place);
    };

    const saveOne = ({ path, size, mtimeMs, outcome, isNew }: FileToStore): void => {
      const [reason, message] = outcome.kind === 'refused' ? [outcome.reason, outcome.message] : [null, null];
      const file = [sourceId, path, size, mtimeMs, outcome.kind, reason, message];
      const fileId = isNew ? insertFile.run(file).lastInsertRowid : upsertFile.get(file);
      if (!isNew) makePlace(fileId, path, outcome);
      if (outcome.kind === 'refused') return;
      const values: unknown[] = [fileId, patientId(outcome.patientKey, outcome.patientIdentified)];
      for (const column of attributeColumns) values.push(outcome.attributes[column]);
      if (isNew) {
        insertInstance.run(values);
        return;
      }
      const instanceId = upsertInstance.get(values);
      removeHashes.run(instanceId);
      removeFailures.run(instanceId);
    };

    this.#save = db.transaction((files: readonly FileToStore[]) => {
      for (const file of files) saveOne(file);
    });
  }

  /** Stores a batch in one transaction. */
  save(files: readonly FileToStore[]): void {
    this.#save(files);
  }
}

/** Where an image that is gone from a path is kept: no file has such a path. */
const goneFrom = (path: string, uid: string | null): string => `${path}//${uid ?? ''}`;
