/** The application in a browser on this machine: `npm start` where Electron's binary is absent. */
import { parseArgs } from 'node:util';
import { startHost } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    renderer: { type: 'string' },
  },
});
if (values.renderer === undefined) throw new Error('Expected --renderer, the folder of the built page.');
const host = await startHost({ port: Number(values.port), renderer: values.renderer });
process.stdout.write(`${host.address}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void host.close().then(() => process.exit(0)));
