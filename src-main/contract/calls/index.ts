import type { InputOf, OutputOf, ParsedInputOf } from '../call.ts';
import { adaptationCalls } from './adaptations.ts';
import { crossValidationCalls } from './cross-validations.ts';
import { dataCalls } from './data.ts';
import { evaluationCalls } from './evaluations.ts';
import { exchangeCalls } from './exchange.ts';
import { explanationCalls } from './explanations.ts';
import { jobCalls } from './jobs.ts';
import { labelCalls } from './labels.ts';
import { modelCalls } from './models.ts';
import { planCalls } from './plans.ts';
import { projectCalls } from './projects.ts';
import { reportCalls } from './reports.ts';
import { runCalls } from './runs.ts';
import { sweepCalls } from './sweeps.ts';

/** Everything that the page can ask of the application; both ends take their types from here. */
export const calls = {
  ...projectCalls,
  ...jobCalls,
  ...dataCalls,
  ...labelCalls,
  ...modelCalls,
  ...planCalls,
  ...runCalls,
  ...sweepCalls,
  ...adaptationCalls,
  ...evaluationCalls,
  ...crossValidationCalls,
  ...explanationCalls,
  ...reportCalls,
  ...exchangeCalls,
};

export type Calls = typeof calls;
export type CallName = keyof Calls;
export type CallInput<Name extends CallName> = InputOf<Calls[Name]>;
export type ParsedCallInput<Name extends CallName> = ParsedInputOf<Calls[Name]>;
export type CallOutput<Name extends CallName> = OutputOf<Calls[Name]>;
