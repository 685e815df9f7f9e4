import type { Migration } from '../migrate.ts';

/** Label sets of findings: an image may show any number of them, or none. */
export const findings: Migration = {
  version: 8,
  name: 'findings',
  sql: `
    -- 1: an image may show any number of the classes, which are then called findings.
    ALTER TABLE label_sets ADD COLUMN multi_label INTEGER NOT NULL DEFAULT 0 CHECK (multi_label IN (0, 1));
    -- Null: a class, or a finding. Else JSON: what is said of an image as a whole, 1 (there), 0 (not there) or null (in doubt) by the id of
    -- each finding; one that is missing was not judged. Labels of a multi-label set are of such rows, so that labels, what readers said and
    -- the history of both are kept as they are for single classes.
    ALTER TABLE classes ADD COLUMN answer TEXT;

    ALTER TABLE splits ADD COLUMN multi_label INTEGER NOT NULL DEFAULT 0 CHECK (multi_label IN (0, 1));
    -- JSON: 1, 0 or null for each class of the split; class_index is then -1. Null where an image has one class.
    ALTER TABLE split_members ADD COLUMN findings TEXT;
    -- The same for what a run predicted; label is then -1.
    ALTER TABLE predictions ADD COLUMN findings TEXT;
  `,
};
