import type { Migration } from '../migrate.ts';

/** Label sets that persons work with: classes with colours and keys, doubt, and what each reader said. */
export const labelling: Migration = {
  version: 4,
  name: 'labelling',
  sql: `
    -- patient: a label given to one image is given to all images of its patient.
    ALTER TABLE label_sets ADD COLUMN unit TEXT NOT NULL DEFAULT 'image' CHECK (unit IN ('image', 'patient'));
    -- color: #rrggbb; shortcut: one key of the keyboard. Null: by position.
    ALTER TABLE classes ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE classes ADD COLUMN color TEXT;
    ALTER TABLE classes ADD COLUMN shortcut TEXT;
    ALTER TABLE labels ADD COLUMN uncertain INTEGER NOT NULL DEFAULT 0 CHECK (uncertain IN (0, 1));
    ALTER TABLE label_history ADD COLUMN uncertain INTEGER NOT NULL DEFAULT 0;

    DROP TRIGGER labels_updated;
    CREATE TRIGGER labels_updated AFTER UPDATE ON labels
    WHEN old.class_id IS NOT new.class_id OR old.role IS NOT new.role OR old.uncertain IS NOT new.uncertain
    BEGIN
      INSERT INTO label_history
        (label_set_id, instance_id, class_name, role, labelled_by, labelled_at, source, ended_at, uncertain)
      SELECT old.label_set_id, old.instance_id, classes.name, old.role, old.labelled_by, old.labelled_at, old.source,
        new.labelled_at, old.uncertain
      FROM classes WHERE classes.id = old.class_id;
    END;
    DROP TRIGGER labels_deleted;
    CREATE TRIGGER labels_deleted BEFORE DELETE ON labels
    BEGIN
      INSERT INTO label_history
        (label_set_id, instance_id, class_name, role, labelled_by, labelled_at, source, ended_at, uncertain)
      SELECT old.label_set_id, old.instance_id, classes.name, old.role, old.labelled_by, old.labelled_at, old.source,
        strftime('%Y-%m-%dT%H:%M:%fZ'), old.uncertain
      FROM classes WHERE classes.id = old.class_id;
    END;

    -- What each reader last said of an image. The label itself is what was said last, by whomever.
    CREATE TABLE readings (
      label_set_id INTEGER NOT NULL REFERENCES label_sets (id) ON DELETE CASCADE,
      instance_id INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
      reader TEXT NOT NULL,
      class_id INTEGER NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
      uncertain INTEGER NOT NULL CHECK (uncertain IN (0, 1)),
      read_at TEXT NOT NULL,
      PRIMARY KEY (label_set_id, instance_id, reader)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX readings_by_instance ON readings (instance_id);
    CREATE INDEX readings_by_class ON readings (class_id);
  `,
};
