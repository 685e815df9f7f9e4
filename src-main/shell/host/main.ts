/** The application in a browser on this machine: for machines without a screen, and where Electron's binary is absent. */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createDesk } from '../../app/index.ts';
import { GraftError } from '../../contract/errors.ts';
import { openBrowser } from './open-browser.ts';
import { keepSpareWorkers } from '../../jobs/spare-workers.ts';
import { startHost } from './server.ts';

const PATIENCE_MS = 2_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      renderer: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || values.renderer === undefined) {
    throw new GraftError(
      'option-wrong',
      'Expected --port with a number up to 65535, and --renderer with the folder of the built page.',
    );
  }
  const spares = keepSpareWorkers();
  const desk = createDesk();
  const host = await startHost({ desk, renderer: values.renderer, port });
  const address = host.address();
  say(address);
  if (!values['no-open']) openBrowser(address);
  if (process.stdin.isTTY) {
    say('Press Enter for another address, Ctrl-C to end Graft.');
    createInterface({ input: process.stdin }).on('line', () => say(host.address()));
  }
  let ending = false;
  const end = (): void => {
    if (ending) process.exit(1);
    ending = true;
    // What runs is cancelled and what it has done is kept; whatever hangs is left behind.
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    spares.close();
    void Promise.all([host.close(), desk.close()]).then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // Started by npm: when the launcher is killed outright, this goes too.
  process.on('disconnect', end);
}

main().catch((thrown: unknown) => {
  const { message } = GraftError.from(thrown);
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
});
