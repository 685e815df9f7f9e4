import { BrowserWindow, dialog } from 'electron';
import type { DeskApp } from '../../app/index.ts';
import { EVENT } from './ipc.ts';
import { ORIGIN } from './page-protocol.ts';
import { WEB_PREFERENCES } from './security.ts';
import { keepWindowState, readWindowState, startingBounds } from './window-state.ts';

export interface WindowOptions {
  desk: DeskApp;
  /** Absolute path of the built preload script. */
  preload: string;
  /** Where the person's settings are kept. */
  configuration: string;
  /** Ends the application. */
  quit: () => void;
}

/** The one window. It is shown when it has something to show, in the colour that the page begins with. */
export function openWindow({ desk, preload, configuration, quit }: WindowOptions): BrowserWindow {
  const state = readWindowState(configuration);
  const window = new BrowserWindow({
    ...startingBounds(state),
    minWidth: 960,
    minHeight: 640,
    show: false,
    title: 'Graft',
    backgroundColor: '#0d1012',
    webPreferences: { ...WEB_PREFERENCES, preload },
  });
  if (state?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  keepWindowState(window, configuration);
  const deaf = desk.listen((event) => {
    if (!window.isDestroyed()) window.webContents.send(EVENT, event);
  });
  window.on('closed', deaf);
  window.on('close', (event) => {
    if (!desk.isBusy()) return;
    event.preventDefault();
    void askBeforeClosing(window, quit);
  });
  void window.loadURL(`${ORIGIN}/index.html`);
  return window;
}

/** Something runs: whether it shall go on without a window is for the person to say. */
async function askBeforeClosing(window: BrowserWindow, quit: () => void): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'A job is running.',
    detail:
      'It can go on in the background; start Graft again to see it. If you stop it, what is finished is kept, and a training goes on from its last checkpoint.',
    buttons: ['Go on in the background', 'Stop and quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  if (response === 0) window.hide();
  if (response === 1) {
    window.destroy();
    quit();
  }
}
