import type { jobCalls } from '../../contract/calls/jobs.ts';
import { GraftError } from '../../contract/errors.ts';
import { listJobs } from '../../store/jobs.ts';
import type { Handlers } from './desk.ts';

export const jobHandlers: Handlers<typeof jobCalls> = {
  'jobs.list': ({ limit }, { session }) => listJobs(session.project.db, limit),
  'jobs.cancel': ({ id }, { session }) => {
    if (session.jobs.cancel(id)) return null;
    throw new GraftError(
      'job-ended',
      `Expected a job that waits or runs, found job ${id}, which has ended. There is nothing left to cancel.`,
    );
  },
};
