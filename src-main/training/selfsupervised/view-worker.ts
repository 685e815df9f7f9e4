import { serveTasks } from '../../platform/worker-pool.ts';
import { makeViews, type ViewBatch, type ViewTask } from './view-batch.ts';

serveTasks<ViewTask, ViewBatch>(makeViews);
