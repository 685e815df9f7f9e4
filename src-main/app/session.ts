import { JobRunner, PROCESS_ENDED } from '../jobs/job-runner.ts';
import { createProject, isProject, openProject, type Project } from '../store/index.ts';
import { interruptUnfinishedRuns } from '../store/runs.ts';

/** A project open for work: the one process that writes to it, and the queue of what it does. */
export interface Session {
  readonly project: Project;
  readonly jobs: JobRunner;
  close(): void;
}

/**
 * Opens a project for work. What was running when the process that had it open before ended without a word is
 * marked `interrupted`, so that it can be resumed.
 *
 * @param options.create makes the project where there is none, with `name` or that of its folder
 * @throws GraftError `project-missing`, `project-in-use`, `project-key-missing`, `project-too-new`
 */
export function openSession(folder: string, options: { create?: boolean; name?: string } = {}): Session {
  const project =
    options.create && !isProject(folder)
      ? createProject(folder, options.name === undefined ? {} : { name: options.name })
      : openProject(folder);
  interruptUnfinishedRuns(project.db, PROCESS_ENDED);
  return { project, jobs: new JobRunner(project.db), close: () => project.close() };
}

/** Opens a project, does something in it, and closes it again however that ends. */
export async function withSession<Result>(
  folder: string,
  options: { create?: boolean; name?: string },
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = openSession(folder, options);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
