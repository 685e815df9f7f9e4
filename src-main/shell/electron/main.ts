/** Electron's main process: the application behind a window of its own. */
import { join } from 'node:path';
import { app, session, type BrowserWindow } from 'electron';
import { configurationFolder, createDesk } from '../../app/index.ts';
import { keepSpareWorkers } from '../../jobs/spare-workers.ts';
import { applicationRoot } from '../../platform/application-root.ts';
import { answerCalls, EVENT } from './ipc.ts';
import { installMenu } from './menu.ts';
import { registerScheme, servePage } from './page-protocol.ts';
import { hardenContents, hardenSession } from './security.ts';
import { electronServices } from './services.ts';
import { openWindow } from './window.ts';
import { startUtilityProcess } from './workers.ts';

registerScheme();
app.enableSandbox();
hardenContents(app);

// A second start brings the first to the front: two would fight for the same project.
if (app.requestSingleInstanceLock()) void start();
else app.quit();

async function start(): Promise<void> {
  await app.whenReady();
  const spares = keepSpareWorkers(startUtilityProcess);
  hardenSession(session.defaultSession);
  let window: BrowserWindow | null = null;
  const desk = createDesk(electronServices(() => window));
  servePage(desk, join(applicationRoot, 'out', 'renderer'));
  answerCalls(desk);
  installMenu((command) => window?.webContents.send(EVENT, { kind: 'command', command }));

  const show = (): void => {
    if (window && !window.isDestroyed()) {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      return;
    }
    window = openWindow({
      desk,
      preload: join(applicationRoot, 'out', 'preload', 'preload.cjs'),
      configuration: configurationFolder(),
      quit: () => app.quit(),
    });
    window.on('closed', () => (window = null));
  };

  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => app.quit());
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    // Jobs are cancelled and what they have done is kept, before the process goes.
    spares.close();
    void desk.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  show();
}
