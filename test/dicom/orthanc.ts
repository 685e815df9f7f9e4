import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { programPath } from './tools.ts';

/** An Orthanc of its own, on free ports of this machine, that takes what this machine sends. */
export interface Orthanc {
  /** Sends files by C-STORE; returns what was answered to each. */
  store(paths: readonly string[]): string[];
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startOrthanc(folder: string): Promise<Orthanc> {
  const [httpPort, dicomPort] = [await freePort(), await freePort()];
  mkdirSync(folder, { recursive: true });
  const configuration = join(folder, 'orthanc.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      Name: 'test',
      StorageDirectory: join(folder, 'storage'),
      IndexDirectory: join(folder, 'storage'),
      HttpPort: httpPort,
      HttpBindAddresses: ['127.0.0.1'],
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      DicomPort: dicomPort,
      DicomAet: 'ORTHANC',
      DicomAlwaysAllowStore: false,
      DicomAlwaysAllowEcho: false,
      DicomCheckModalityHost: true,
      DicomModalities: { graft: ['GRAFT', '127.0.0.1', 104] },
      Plugins: [],
    }),
  );
  const server = spawn(programPath('Orthanc') ?? 'Orthanc', [configuration], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${httpPort}${path}`)).json();
  await untilUp(get, server);
  return {
    get,
    store(paths) {
      const { stdout, stderr, error } = spawnSync(
        programPath('storescu') ?? 'storescu',
        ['-v', '-aet', 'GRAFT', '-aec', 'ORTHANC', '127.0.0.1', String(dicomPort), ...paths],
        { encoding: 'utf8' },
      );
      if (error) throw error;
      return [...`${stdout}\n${stderr}`.matchAll(/Received Store Response \(([^)]*)\)/g)].map(
        (match) => match[1],
      );
    },
    stop: async () => {
      server.kill();
      await ended;
    },
  };
}

async function untilUp(get: (path: string) => Promise<unknown>, server: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    if (server.exitCode !== null) throw new Error(`Orthanc ended with ${server.exitCode}.`);
    try {
      await get('/system');
      return;
    } catch {
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
  server.kill();
  throw new Error('Orthanc did not come up within 30 seconds.');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
