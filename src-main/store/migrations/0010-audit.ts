import type { Migration } from '../migrate.ts';

/** What was done in a project and when, as a chain of hashes. */
export const audit: Migration = {
  version: 10,
  name: 'audit',
  sql: `
    -- payload: canonical JSON, of numbers and hashes alone: nothing that names a patient. hash: SHA-256 over all that stands before it;
    -- previous: the hash of the entry before.
    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY,
      at TEXT NOT NULL,
      kind TEXT NOT NULL,
      payload TEXT NOT NULL,
      previous TEXT NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;
    -- Against oversight; who goes round this is found by the hashes.
    CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'entries of the audit trail are never changed'); END;
    CREATE TRIGGER audit_not_removed BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'entries of the audit trail are never removed'); END;

    -- Changes of labels by whatever statement, until they are entered into the trail, which the same transaction does.
    -- before, after: the class's id, with a question mark behind it where the reader was in doubt; null: no label.
    CREATE TABLE audit_label_changes (
      id INTEGER PRIMARY KEY,
      label_set_id INTEGER NOT NULL,
      instance_id INTEGER NOT NULL,
      before TEXT,
      after TEXT,
      changed_by TEXT
    ) STRICT;
    CREATE TRIGGER audit_label_added AFTER INSERT ON labels
    BEGIN
      INSERT INTO audit_label_changes (label_set_id, instance_id, before, after, changed_by)
      VALUES (new.label_set_id, new.instance_id, NULL, new.class_id || iif(new.uncertain, '?', ''), new.labelled_by);
    END;
    CREATE TRIGGER audit_label_changed AFTER UPDATE ON labels
    WHEN old.class_id IS NOT new.class_id OR old.uncertain IS NOT new.uncertain
    BEGIN
      INSERT INTO audit_label_changes (label_set_id, instance_id, before, after, changed_by)
      VALUES (new.label_set_id, new.instance_id, old.class_id || iif(old.uncertain, '?', ''),
        new.class_id || iif(new.uncertain, '?', ''), new.labelled_by);
    END;
    CREATE TRIGGER audit_label_removed AFTER DELETE ON labels
    BEGIN
      INSERT INTO audit_label_changes (label_set_id, instance_id, before, after, changed_by)
      VALUES (old.label_set_id, old.instance_id, old.class_id || iif(old.uncertain, '?', ''), NULL, NULL);
    END;
  `,
};
