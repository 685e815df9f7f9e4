import { dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { ShellServices } from '../../app/index.ts';

type Choice = Parameters<NonNullable<ShellServices['choose']>>[0];

const PROPERTIES: Record<Exclude<Choice['what'], 'save'>, NonNullable<OpenDialogOptions['properties']>> = {
  folder: ['openDirectory', 'createDirectory'],
  folders: ['openDirectory', 'multiSelections'],
  file: ['openFile'],
};

/**
 * The system's dialogs and file manager.
 *
 * @param window what the dialogs belong to, if it is open
 */
export function electronServices(window: () => BrowserWindow | null): ShellServices {
  return {
    choose: async ({ what, title, extensions, suggestion }) => {
      const filters = extensions.length > 0 ? [{ name: extensions.join(', '), extensions }] : [];
      const parent = window();
      if (what === 'save') {
        const options = { title, filters, ...(suggestion ? { defaultPath: suggestion } : {}) };
        const { filePath } = await (parent
          ? dialog.showSaveDialog(parent, options)
          : dialog.showSaveDialog(options));
        return filePath ? [filePath] : [];
      }
      const options = { title, filters, properties: PROPERTIES[what] };
      const { filePaths } = await (parent
        ? dialog.showOpenDialog(parent, options)
        : dialog.showOpenDialog(options));
      return filePaths;
    },
    reveal: (path) => shell.showItemInFolder(path),
  };
}
