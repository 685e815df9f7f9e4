import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../src-main/contract/call.ts';

/** What the shell asks of Electron, played: what is registered is kept, so that tests can set it off. */
const fake = vi.hoisted(() => {
  const state = {
    handlers: new Map<string, (event: unknown, ...given: unknown[]) => unknown>(),
    schemes: [] as unknown[],
    serve: null as ((request: { url: string; method: string }) => Promise<Response>) | null,
    windows: [] as unknown[],
    displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
    answerTo: 0,
    exposed: {} as Record<string, unknown>,
    sent: [] as unknown[][],
    menu: [] as {
      label?: string;
      submenu?: { label?: string; accelerator?: string; click?: () => void }[];
    }[],
  };
  return state;
});

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class BrowserWindow extends Emitter {
    readonly options: { webPreferences: Record<string, unknown> };
    readonly webContents = { send: (...message: unknown[]) => fake.sent.push(message) };
    loaded = '';
    hidden = false;
    destroyed = false;
    constructor(options: { webPreferences: Record<string, unknown> }) {
      super();
      this.options = options;
      fake.windows.push(this);
    }
    loadURL = async (url: string): Promise<void> => void (this.loaded = url);
    show = (): void => {};
    hide = (): void => void (this.hidden = true);
    maximize = (): void => {};
    destroy = (): void => void (this.destroyed = true);
    isDestroyed = (): boolean => this.destroyed;
    isMinimized = (): boolean => false;
    isFullScreen = (): boolean => false;
    isMaximized = (): boolean => false;
    getNormalBounds = (): object => ({ x: 10, y: 20, width: 1200, height: 800 });
  }
  return {
    BrowserWindow,
    ipcMain: { handle: (name: string, handler: never) => fake.handlers.set(name, handler) },
    ipcRenderer: {
      invoke: async (...call: unknown[]) => call,
      on: () => {},
      off: () => {},
    },
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => void (fake.exposed[name] = value),
    },
    webUtils: { getPathForFile: (file: { path?: string }) => file.path ?? '' },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown[]) => fake.schemes.push(...schemes),
      handle: (_: string, serve: never) => void (fake.serve = serve),
    },
    screen: { getAllDisplays: () => fake.displays },
    dialog: {
      showMessageBox: async () => ({ response: fake.answerTo }),
      showOpenDialog: async () => ({ filePaths: ['/chosen'] }),
      showSaveDialog: async () => ({ filePath: '' }),
    },
    shell: { showItemInFolder: () => {} },
    Menu: {
      buildFromTemplate: (template: never) => template,
      setApplicationMenu: (menu: never) => void (fake.menu = menu),
    },
    utilityProcess: { fork: vi.fn() },
  };
});

const { answerCalls, CALL } = await import('../../../src-main/shell/electron/ipc.ts');
const { hardenContents, hardenSession, WEB_PREFERENCES } =
  await import('../../../src-main/shell/electron/security.ts');
const { registerScheme, servePage } = await import('../../../src-main/shell/electron/page-protocol.ts');
const { openWindow } = await import('../../../src-main/shell/electron/window.ts');
const { readWindowState } = await import('../../../src-main/shell/electron/window-state.ts');
const { installMenu } = await import('../../../src-main/shell/electron/menu.ts');
const { electronServices } = await import('../../../src-main/shell/electron/services.ts');

interface PlayedWindow extends EventEmitter {
  options: { webPreferences: Record<string, unknown>; backgroundColor: string };
  loaded: string;
  hidden: boolean;
  destroyed: boolean;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-electron-'));
  writeFileSync(join(folder, 'index.html'), 'page');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  fake.windows.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const event = (url: string, parent: unknown = null): unknown => ({ senderFrame: { url, parent } });
const deskOf = (busy = false): never =>
  ({
    call: async (name: string, input: unknown): Promise<Answer> => ({ ok: true, value: [name, input] }),
    resource: async (path: string) => ({
      status: 200,
      type: 'text/plain',
      body: new TextEncoder().encode(path),
    }),
    listen: () => () => {},
    isBusy: () => busy,
    close: async () => {},
  }) as never;

describe('calls from the page', () => {
  const ask = (from: unknown, ...given: unknown[]): Promise<Answer> => {
    answerCalls(deskOf());
    return fake.handlers.get(CALL)!(from, ...given) as Promise<Answer>;
  };

  it('are answered when the page asks', async () => {
    expect(await ask(event('graft://app/index.html#/data'), 'jobs.list', { limit: 1 })).toEqual({
      ok: true,
      value: ['jobs.list', { limit: 1 }],
    });
  });

  it.each([
    ['another page', event('https://evil.example/')],
    ['a page whose name begins like ours', event('graft://app.evil/')],
    ['a frame inside the page', event('graft://app/files/reports/a.html', {})],
    ['a frame that has gone', { senderFrame: null }],
  ])('are refused from %s', async (_, from) => {
    expect(await ask(from, 'jobs.list', null)).toMatchObject({ ok: false, error: { code: 'call-refused' } });
  });

  it.each([[[3, null]], [[]], [['a'.repeat(101), null]], [['x', 1, 2]]])(
    'are refused when they say %j',
    async (given) => {
      expect(await ask(event('graft://app/'), ...given)).toMatchObject({ ok: false });
    },
  );
});

describe('the page’s own protocol', () => {
  const get = async (url: string, method = 'GET'): Promise<Response> => {
    servePage(deskOf(), folder);
    return fake.serve!({ url, method });
  };

  it('is a secure scheme, and no way round the content policy', () => {
    registerScheme();
    expect(fake.schemes).toEqual([
      { scheme: 'graft', privileges: expect.objectContaining({ standard: true, secure: true }) },
    ]);
    expect(JSON.stringify(fake.schemes)).not.toContain('bypassCSP":true');
  });

  it('serves the page and the application’s resources, with the policy', async () => {
    const page = await get('graft://app/index.html');
    expect([page.status, await page.text()]).toEqual([200, 'page']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await (await get('graft://app/frames/1/0?x')).text()).toBe('/frames/1/0');
  });

  it.each([
    'graft://app/../secret.txt',
    'graft://app/%2e%2e/secret.txt',
    'graft://app/secret.txt',
    'graft://other/index.html',
    'file:///etc/passwd',
  ])('does not serve %s', async (url) => {
    expect((await get(url)).status).toBe(404);
  });

  it('answers nothing but GET', async () => {
    expect((await get('graft://app/index.html', 'POST')).status).toBe(404);
  });
});

describe('a window', () => {
  const open = (busy = false, quit = (): void => {}): PlayedWindow =>
    openWindow({
      desk: deskOf(busy),
      preload: '/preload.cjs',
      configuration: folder,
      quit,
    }) as unknown as PlayedWindow;

  it('has the page sandboxed and on its own', () => {
    expect(open().options.webPreferences).toEqual({ ...WEB_PREFERENCES, preload: '/preload.cjs' });
    expect(WEB_PREFERENCES).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(open().loaded).toBe('graft://app/index.html');
  });

  it.each([
    [0, { hidden: true, destroyed: false }, 0],
    [1, { hidden: false, destroyed: true }, 1],
    [2, { hidden: false, destroyed: false }, 0],
  ])('asks before it closes on a job: answer %d', async (answer, expected, quits) => {
    fake.answerTo = answer;
    const quit = vi.fn();
    const window = open(true, quit);
    const preventDefault = vi.fn();
    window.emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
    await expect.poll(() => ({ hidden: window.hidden, destroyed: window.destroyed })).toEqual(expected);
    expect(quit).toHaveBeenCalledTimes(quits);
  });

  it('closes without a question when nothing runs, and remembers where it was', () => {
    const preventDefault = vi.fn();
    open().emit('close', { preventDefault });
    expect(preventDefault).not.toHaveBeenCalled();
    expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toMatchObject({
      x: 10,
      width: 1200,
    });
    expect(readWindowState(folder)).toMatchObject({ x: 10, y: 20, width: 1200, height: 800 });
  });

  it.each([
    ['on a screen that is gone', { x: 5000, y: 10, width: 1200, height: 800, maximized: false }],
    ['above every screen', { x: 10, y: -900, width: 1200, height: 800, maximized: false }],
    ['too small', { x: 10, y: 10, width: 10, height: 10, maximized: false }],
    ['nonsense', { x: 'left' }],
  ])('forgets a place %s', (_, state) => {
    writeFileSync(join(folder, 'window.json'), JSON.stringify(state));
    expect(readWindowState(folder)).toBeNull();
  });
});

describe('what nothing gets past', () => {
  it('gives no permission, lets no request out and takes no download', () => {
    const session = new EventEmitter() as EventEmitter & Record<string, unknown>;
    const given: Record<string, (...input: never[]) => unknown> = {};
    for (const name of ['PermissionRequest', 'PermissionCheck', 'DevicePermission']) {
      session[`set${name}Handler`] = (handler: never) => void (given[name] = handler);
    }
    let before: (details: { url: string }, answer: (result: { cancel: boolean }) => void) => void = () => {};
    session.webRequest = { onBeforeRequest: (handler: never) => void (before = handler) };
    hardenSession(session as never);
    const answered = vi.fn();
    (given.PermissionRequest as (...input: unknown[]) => void)({}, 'media', answered);
    expect(answered).toHaveBeenCalledWith(false);
    expect(given.PermissionCheck()).toBe(false);
    expect(given.DevicePermission()).toBe(false);
    const cancelled = (url: string): boolean => {
      let result = { cancel: false };
      before({ url }, (one) => (result = one));
      return result.cancel;
    };
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1/',
      'ws://x/',
      'file:///etc/passwd',
      'graft://other/',
    ]) {
      expect(cancelled(url), url).toBe(true);
    }
    for (const url of ['graft://app/index.html', 'data:image/png;base64,', 'blob:graft://app/1']) {
      expect(cancelled(url), url).toBe(false);
    }
    const preventDefault = vi.fn();
    session.emit('will-download', { preventDefault });
    expect(preventDefault).toHaveBeenCalled();
  });

  it('opens no other window and goes nowhere else', () => {
    const app = new EventEmitter();
    hardenContents(app as never);
    const contents = new EventEmitter() as EventEmitter & { setWindowOpenHandler: (handler: never) => void };
    let opens: () => { action: string } = () => ({ action: 'allow' });
    contents.setWindowOpenHandler = (handler) => void (opens = handler);
    app.emit('web-contents-created', {}, contents);
    expect(opens()).toEqual({ action: 'deny' });
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const away = { url: 'https://example.org/', preventDefault: vi.fn() };
      const home = { url: 'graft://app/index.html', preventDefault: vi.fn() };
      contents.emit(name, away);
      contents.emit(name, home);
      expect(away.preventDefault, name).toHaveBeenCalled();
      expect(home.preventDefault, name).not.toHaveBeenCalled();
    }
    const view = { preventDefault: vi.fn() };
    contents.emit('will-attach-webview', view);
    expect(view.preventDefault).toHaveBeenCalled();
  });
});

describe('menu, dialogs and bridge', () => {
  it('has a key for every screen', () => {
    const commands: string[] = [];
    installMenu((name) => commands.push(name));
    const go = fake.menu.find(({ label }) => label === 'Go')!.submenu!;
    expect(go.map(({ accelerator }) => accelerator)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `CmdOrCtrl+${n}`),
    );
    go[1].click!();
    expect(commands).toEqual(['data']);
  });

  it('answers nothing when a dialog is closed without a choice', async () => {
    const { choose } = electronServices(() => null);
    expect(await choose!({ what: 'folder', title: 'x', extensions: [] })).toEqual(['/chosen']);
    expect(await choose!({ what: 'save', title: 'x', extensions: ['csv'] })).toEqual([]);
  });

  it('gives the page the bridge and nothing else', async () => {
    await import('../../../src-main/shell/electron/preload.ts');
    expect(Object.keys(fake.exposed)).toEqual(['graft']);
    const bridge = fake.exposed.graft as Record<string, (...given: unknown[]) => unknown>;
    expect(Object.keys(bridge).sort()).toEqual(['call', 'listen', 'pathOf']);
    expect(await bridge.call('x', 1)).toEqual(['graft:call', 'x', 1]);
    expect([bridge.pathOf({ path: '/a' }), bridge.pathOf({})]).toEqual(['/a', null]);
  });
});
