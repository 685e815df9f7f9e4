import { openProject } from '../../src-main/store/index.ts';

// Holds a project open for writing until it is killed.
openProject(process.argv[2]);
process.send?.('open');
setInterval(() => {}, 1000);
