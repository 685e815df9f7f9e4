/**
 * A process that has the code of most jobs in memory before there is one, see `SpareWorkers`. It becomes the worker whose module it is told,
 * as if it had been started for that.
 */
import '../training/index.ts';
import './image-source.ts';
import { workerChannel } from '../platform/worker-process.ts';
import type { FromSpare, ToSpare } from './spare-workers.ts';

const channel = workerChannel<ToSpare, FromSpare>();
let taken = false;
channel.onMessage(({ become }) => {
  // What comes after it is for the module itself.
  if (taken) return;
  taken = true;
  void import(become).then(() => channel.send({ spare: 'became' }));
});
channel.send({ spare: 'loaded' });
