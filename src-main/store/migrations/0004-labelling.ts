import type { Migration } from '../migrate.ts';

export const labelling: Migration = {
  version: 4,
  name: 'labelling',
  sql: 'SELECT 1;',
};
