import type { Job } from '../contract/job.ts';
import { JobRunner, PROCESS_ENDED, type Jobs } from '../jobs/job-runner.ts';
import {
  createProject,
  isProject,
  openProject,
  openProjectForReading,
  type Project,
  type ReadableProject,
} from '../store/index.ts';
import { interruptUnfinishedCrossValidations } from '../store/cross-validations.ts';
import { interruptUnfinishedRuns } from '../store/runs.ts';
import { interruptUnfinishedSweeps } from '../store/sweeps.ts';

/** A project open for work: the one process that writes to it, and the queue of what it does. */
export interface Session {
  readonly project: Project;
  readonly jobs: Jobs;
  close(): void;
}

/** A session that owns the project's queue. */
export interface OwnSession extends Session {
  readonly jobs: JobRunner;
}

export interface OpenOptions {
  /** Makes the project where there is none. */
  create?: boolean;
  /** Of a project that is made; default the folder's name. */
  name?: string;
  /** Told of every job that is queued, moves on or ends. */
  onJob?: (job: Job) => void;
}

/**
 * Opens a project for work. What was running when the process that had it open before ended without a word is
 * marked `interrupted`, so that it can be resumed.
 *
 * @throws GraftError `project-missing`, `project-in-use`, `project-key-missing`, `project-too-new`
 */
export function openSession(folder: string, options: OpenOptions = {}): OwnSession {
  const project =
    options.create && !isProject(folder)
      ? createProject(folder, options.name === undefined ? {} : { name: options.name })
      : openProject(folder);
  interruptUnfinishedRuns(project.db, PROCESS_ENDED);
  interruptUnfinishedSweeps(project.db, PROCESS_ENDED);
  interruptUnfinishedCrossValidations(project.db, PROCESS_ENDED);
  const jobs = new JobRunner(project.db, options.onJob);
  return { project, jobs, close: () => project.close() };
}

/** Opens a project, does something in it, and closes it again however that ends. */
export async function withSession<Result>(
  folder: string,
  options: OpenOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = openSession(folder, options);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

/** Reads a project, also while another process works in it, and closes it again however that ends. */
export function reading<Result>(folder: string, work: (project: ReadableProject) => Result): Result {
  const project = openProjectForReading(folder);
  try {
    return work(project);
  } finally {
    project.close();
  }
}
