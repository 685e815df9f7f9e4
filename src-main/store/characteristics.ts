import { z } from 'zod';
import type { ReadableDatabase } from './database.ts';

const row = z
  .tuple([
    z.string(),
    z.int().nullable(),
    z.string().nullable(),
    z.number().nullable(),
    z.int().nullable(),
    z.string().nullable(),
  ])
  .transform(([set, patient, sex, age, year, manufacturer]) => ({
    set,
    patient,
    sex,
    age,
    year,
    manufacturer,
  }));

/** What the header of one image of a split says of whom it shows; `patient` is a row's number, no identifier. */
export type CharacterisedImage = z.output<typeof row>;

export const listCharacteristics = (db: ReadableDatabase, splitId: number): CharacterisedImage[] =>
  db
    .prepare(
      `SELECT role, patient_id, PatientSex, PatientAge, StudyYear, Manufacturer
       FROM split_members JOIN instances ON instances.id = instance_id WHERE split_id = ? ORDER BY instance_id`,
    )
    .raw()
    .all(splitId)
    .map((one) => row.parse(one));
