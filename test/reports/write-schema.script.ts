import { writeFileSync } from 'node:fs';
import { reportJsonSchema } from '../../src-main/reports/schema/report-schema.ts';

// Writes docs/report.schema.json anew: run it when the report model has changed.
const path = new URL('../../docs/report.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
console.log(path.pathname);
