import type { Job } from './job.ts';
import type { OpenProject } from './calls/projects.ts';
import type { EpochMetrics } from './training.ts';

/** Something in the open project that screens show, and that has just changed. */
export type ChangedThing =
  'images' | 'labels' | 'splits' | 'runs' | 'evaluations' | 'reports' | 'models' | 'rates';

/** What the application tells the page without being asked. */
export type AppEvent =
  | { kind: 'project'; project: OpenProject | null }
  /** A job was queued, moved on, or ended. */
  | { kind: 'job'; job: Job }
  | { kind: 'epoch'; runId: number; metrics: EpochMetrics }
  | { kind: 'changed'; what: ChangedThing }
  /** The shell's menu or a shortcut asks for something: the name of a screen, or `theme`. */
  | { kind: 'command'; command: string }
  /** The connection to the application broke, or is back; what was told in between is lost, so ask again. */
  | { kind: 'connection'; connected: boolean };
