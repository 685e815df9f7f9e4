import type { Migration } from '../migrate.ts';
import { cohort } from './0001-cohort.ts';
import { runs } from './0002-runs.ts';
import { desk } from './0003-desk.ts';
import { labelling } from './0004-labelling.ts';
import { browsing } from './0005-browsing.ts';
import { plans } from './0006-plans.ts';
import { choosing } from './0007-choosing.ts';
import { findings } from './0008-findings.ts';
import { sweeps } from './0009-sweeps.ts';
import { audit } from './0010-audit.ts';
import { analyses } from './0011-analyses.ts';
import { adaptation } from './0012-adaptation.ts';
import { adaptationJudgements } from './0013-adaptation-judgements.ts';
import { checks } from './0014-checks.ts';
import { crossValidations } from './0015-cross-validations.ts';
import { arrivedModels } from './0016-arrived-models.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [
  cohort,
  runs,
  desk,
  labelling,
  browsing,
  plans,
  choosing,
  findings,
  sweeps,
  audit,
  analyses,
  adaptation,
  adaptationJudgements,
  checks,
  crossValidations,
  arrivedModels,
];
