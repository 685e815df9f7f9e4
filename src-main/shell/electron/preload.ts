/** Runs in the page before the page's own code, sandboxed: gives it the bridge, and nothing else. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge } from '../../contract/bridge.ts';
import type { AppEvent } from '../../contract/events.ts';

const bridge: Bridge = {
  call: (name, input) => ipcRenderer.invoke('graft:call', name, input),
  listen: (listener) => {
    const hear = (_event: unknown, told: AppEvent): void => listener(told);
    ipcRenderer.on('graft:event', hear);
    return () => ipcRenderer.off('graft:event', hear);
  },
  pathOf: (file) => webUtils.getPathForFile(file as File) || null,
};

contextBridge.exposeInMainWorld('graft', bridge);
