import { Menu, type MenuItemConstructorOptions } from 'electron';

/** Screens in the order of the work; their keys are Ctrl or Cmd with 1 to 8. */
const SCREENS = ['projects', 'data', 'label', 'model', 'plan', 'run', 'evaluate', 'report'] as const;

/** @param command tells the page what was asked for: a screen's id, `theme` or `keys` */
export function installMenu(command: (name: string) => void): void {
  const go = SCREENS.map((screen, at): MenuItemConstructorOptions => ({
    label: `${screen.charAt(0).toUpperCase()}${screen.slice(1)}`,
    accelerator: `CmdOrCtrl+${at + 1}`,
    click: () => command(screen),
  }));
  const mac = process.platform === 'darwin';
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    { label: 'File', submenu: [{ role: mac ? 'close' : 'quit' }] },
    { role: 'editMenu' },
    { label: 'Go', submenu: go },
    {
      label: 'View',
      submenu: [
        { label: 'Light or dark', accelerator: 'CmdOrCtrl+Shift+L', click: () => command('theme') },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    {
      label: 'Help',
      submenu: [{ label: 'Keys', accelerator: 'F1', click: () => command('keys') }, { role: 'about' }],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
