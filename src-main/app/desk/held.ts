import type { TrainReporting } from '../reporting.ts';
import type { Desk } from './desk.ts';

/** What a long training is told by, and the desk's switch that holds it, let go. Epochs are not told: of many trainings they are too many to draw. */
export function held(desk: Desk, reporting: TrainReporting): TrainReporting {
  desk.pause.set(false);
  return { ...reporting, pause: desk.pause };
}
