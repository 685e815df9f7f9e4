import type { Migration } from '../migrate.ts';

export const plans: Migration = {
  version: 6,
  name: 'plans',
  sql: 'SELECT 1;',
};
