import type { Migration } from '../migrate.ts';

/** Images, patients, labels and splits. Text under the standard's keywords is stored as the file has it. */
export const cohort: Migration = {
  version: 1,
  name: 'cohort',
  sql: `
    CREATE TABLE project (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE sources (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      path TEXT NOT NULL UNIQUE,
      added_at TEXT NOT NULL
    ) STRICT;

    -- Every regular file of a source, image or not. path is relative to the source, with forward slashes.
    CREATE TABLE files (
      id INTEGER PRIMARY KEY,
      source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
      path TEXT NOT NULL,
      size INTEGER NOT NULL,
      mtime_ms REAL NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('image', 'refused')),
      reason TEXT,
      message TEXT,
      present INTEGER NOT NULL DEFAULT 1 CHECK (present IN (0, 1)),
      CHECK ((status = 'refused') = (reason IS NOT NULL)),
      UNIQUE (source_id, path)
    ) STRICT;

    -- key: HMAC-SHA256 under the project's key of the PatientID, or of what stands in for it where there is none.
    CREATE TABLE patients (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      identified INTEGER NOT NULL CHECK (identified IN (0, 1))
    ) STRICT;

    CREATE TABLE instances (
      id INTEGER PRIMARY KEY,
      file_id INTEGER NOT NULL UNIQUE REFERENCES files (id) ON DELETE CASCADE,
      patient_id INTEGER NOT NULL REFERENCES patients (id),
      -- The instance that is used in place of this one, which carries the same SOP Instance UID.
      duplicate_of INTEGER REFERENCES instances (id) ON DELETE SET NULL,
      TransferSyntaxUID TEXT NOT NULL,
      SOPInstanceUID TEXT,
      SOPClassUID TEXT,
      StudyInstanceUID TEXT,
      SeriesInstanceUID TEXT,
      FrameOfReferenceUID TEXT,
      PatientSex TEXT,
      PatientAge REAL,
      StudyYear INTEGER,
      Modality TEXT,
      ImageType TEXT,
      Manufacturer TEXT,
      ManufacturerModelName TEXT,
      InstitutionName TEXT,
      StationName TEXT,
      MagneticFieldStrength REAL,
      KVP REAL,
      SliceThickness REAL,
      BodyPartExamined TEXT,
      ViewPosition TEXT,
      SeriesDescription TEXT,
      ProtocolName TEXT,
      Laterality TEXT,
      BurnedInAnnotation TEXT,
      SeriesNumber REAL,
      InstanceNumber REAL,
      Rows INTEGER NOT NULL,
      Columns INTEGER NOT NULL,
      NumberOfFrames INTEGER NOT NULL,
      SamplesPerPixel INTEGER NOT NULL,
      PhotometricInterpretation TEXT NOT NULL,
      BitsAllocated INTEGER NOT NULL,
      BitsStored INTEGER NOT NULL,
      PixelRepresentation INTEGER NOT NULL,
      RowSpacing REAL,
      ColumnSpacing REAL
    ) STRICT;
    CREATE INDEX instances_by_uid ON instances (SOPInstanceUID);
    CREATE INDEX instances_by_patient ON instances (patient_id);
    CREATE INDEX instances_by_duplicate ON instances (duplicate_of) WHERE duplicate_of IS NOT NULL;

    CREATE TABLE pixel_hashes (
      instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
      frame_index INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      PRIMARY KEY (instance_id, frame_index)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pixel_hashes_by_hash ON pixel_hashes (sha256);

    CREATE TABLE preparation_failures (
      instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
      frame_index INTEGER NOT NULL,
      code TEXT NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (instance_id, frame_index)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tensor_caches (
      key TEXT PRIMARY KEY,
      preprocessing TEXT NOT NULL,
      stored_channels INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      used_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE label_sets (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      source TEXT NOT NULL CHECK (source IN ('csv', 'folders', 'person')),
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE classes (
      id INTEGER PRIMARY KEY,
      label_set_id INTEGER NOT NULL REFERENCES label_sets (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      UNIQUE (label_set_id, name)
    ) STRICT;

    CREATE TABLE labels (
      label_set_id INTEGER NOT NULL REFERENCES label_sets (id) ON DELETE CASCADE,
      instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
      class_id INTEGER NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
      -- The place that the label file names for it.
      role TEXT CHECK (role IN ('train', 'validation', 'test')),
      labelled_by TEXT NOT NULL,
      labelled_at TEXT NOT NULL,
      source TEXT NOT NULL CHECK (source IN ('csv', 'folders', 'person')),
      PRIMARY KEY (label_set_id, instance_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX labels_by_instance ON labels (instance_id);
    CREATE INDEX labels_by_class ON labels (class_id);

    -- What a label was before it was changed or taken away.
    CREATE TABLE label_history (
      id INTEGER PRIMARY KEY,
      label_set_id INTEGER NOT NULL,
      instance_id INTEGER NOT NULL,
      class_name TEXT NOT NULL,
      role TEXT,
      labelled_by TEXT NOT NULL,
      labelled_at TEXT NOT NULL,
      source TEXT NOT NULL,
      ended_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX label_history_by_instance ON label_history (instance_id);
    CREATE TRIGGER labels_updated AFTER UPDATE ON labels
    WHEN old.class_id IS NOT new.class_id OR old.role IS NOT new.role
    BEGIN
      INSERT INTO label_history (label_set_id, instance_id, class_name, role, labelled_by, labelled_at, source, ended_at)
      SELECT old.label_set_id, old.instance_id, classes.name, old.role, old.labelled_by, old.labelled_at, old.source,
        new.labelled_at
      FROM classes WHERE classes.id = old.class_id;
    END;
    CREATE TRIGGER labels_deleted BEFORE DELETE ON labels
    BEGIN
      INSERT INTO label_history (label_set_id, instance_id, class_name, role, labelled_by, labelled_at, source, ended_at)
      SELECT old.label_set_id, old.instance_id, classes.name, old.role, old.labelled_by, old.labelled_at, old.source,
        strftime('%Y-%m-%dT%H:%M:%fZ')
      FROM classes WHERE classes.id = old.class_id;
    END;

    -- classes is frozen with the split: a class added later has no index in it.
    CREATE TABLE splits (
      id INTEGER PRIMARY KEY,
      label_set_id INTEGER NOT NULL REFERENCES label_sets (id),
      classes TEXT NOT NULL,
      seed INTEGER NOT NULL,
      options TEXT NOT NULL,
      hash TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;

    -- role: train, validation, test, or the name of an evaluation set.
    CREATE TABLE split_members (
      split_id INTEGER NOT NULL REFERENCES splits (id) ON DELETE CASCADE,
      instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
      role TEXT NOT NULL,
      class_index INTEGER NOT NULL,
      PRIMARY KEY (split_id, instance_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX split_members_by_instance ON split_members (instance_id);

    CREATE TABLE split_left_out (
      split_id INTEGER NOT NULL REFERENCES splits (id) ON DELETE CASCADE,
      instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
      reason TEXT NOT NULL,
      PRIMARY KEY (split_id, instance_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX split_left_out_by_instance ON split_left_out (instance_id);
  `,
};
