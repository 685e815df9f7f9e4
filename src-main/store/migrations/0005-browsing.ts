import type { Migration } from '../migrate.ts';

export const browsing: Migration = {
  version: 5,
  name: 'browsing',
  sql: 'SELECT 1;',
};
