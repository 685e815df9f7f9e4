import { z } from 'zod';
import type { ReadableDatabase } from './database.ts';

const figures = z.object({ images: z.int(), patients: z.int(), labelled: z.int(), runs: z.int() });

/** How much there is of everything; `labelled` counts labels of the set that was changed last. */
export function projectFigures(db: ReadableDatabase): z.output<typeof figures> {
  const row = db
    .prepare(
      `WITH there AS (
        SELECT instances.id, patient_id FROM instances
        JOIN files ON files.id = instances.file_id AND files.present = 1
      )
      SELECT count(*) AS images, count(DISTINCT patient_id) AS patients, (
        SELECT count(*) FROM labels JOIN there ON there.id = labels.instance_id
        WHERE label_set_id = (SELECT id FROM label_sets ORDER BY updated_at DESC, id DESC LIMIT 1)
      ) AS labelled, (SELECT count(*) FROM runs) AS runs FROM there`,
    )
    .get();
  return figures.parse(row);
}
