import { buildTensorCache } from '../../src-main/cohort/index.ts';
import { listInstances, listPixelHashes, openProject } from '../../src-main/store/index.ts';

// Fills a tensor cache, and is killed in the middle of it, once 20 images are safe on the disk.
const [folder, spec] = process.argv.slice(2);
const project = openProject(folder);
const watch = (): void => {
  if (listPixelHashes(project.db).length >= 20) process.kill(process.pid, 'SIGKILL');
  setImmediate(watch);
};
watch();
const ids = listInstances(project.db).map(({ id }) => id);
await buildTensorCache(project, ids, JSON.parse(spec), { workers: 1, checkpointImages: 5 });
