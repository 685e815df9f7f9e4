import type { Job } from '../../src-main/contract/job.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

/** The application as a page has it, with one project open. */
export interface OpenDesk extends TestDesk {
  /** The job when it has ended. */
  finished(job: Job): Promise<Job>;
  close(): Promise<void>;
}

export async function openDesk(project: string): Promise<OpenDesk> {
  const opened = testDesk();
  await opened.ask('projects.open', { folder: project });
  return { ...opened, finished: opened.ended, close: () => opened.desk.close() };
}
