import { spawn } from 'node:child_process';

/** Opens an address in the person's browser where there is a display; does nothing where there is none, or no browser. */
export function openBrowser(address: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const command = commandFor(process.platform, environment);
  if (!command) return false;
  const [program, ...args] = command;
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
  return true;
}

function commandFor(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string[] | null {
  if (platform === 'darwin') return ['open'];
  // The empty argument is the window's title, which start takes first.
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  const display = environment.DISPLAY || environment.WAYLAND_DISPLAY;
  return display && !environment.SSH_CONNECTION ? ['xdg-open'] : null;
}
