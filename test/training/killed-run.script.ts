// Trains, and kills itself with SIGKILL at the n-th moment at which a training looks whether it should stop.
import { settings, stripes, stripesDataset } from './helpers.ts';
import { train } from '../../src-main/training/index.ts';

const [own, paths, moment] = process.argv.slice(2);
let looks = 0;
const { signal } = new AbortController();
Object.defineProperty(signal, 'aborted', {
  get: () => {
    if (++looks === Number(moment)) process.kill(process.pid, 'SIGKILL');
    return false;
  },
});

await train(
  {
    config: settings(JSON.parse(own)),
    dataset: stripesDataset(),
    images: stripes,
    paths: JSON.parse(paths),
    resume: true,
  },
  { signal },
);
