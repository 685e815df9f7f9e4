import type { Migration } from '../migrate.ts';
import { cohort } from './0001-cohort.ts';
import { runs } from './0002-runs.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [cohort, runs];
