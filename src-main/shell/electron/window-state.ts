import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { screen, type BrowserWindow, type Rectangle } from 'electron';
import { z } from 'zod';
import { writeFileAtomic } from '../../platform/files.ts';

const stored = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(600),
  height: z.int().min(400),
  maximized: z.boolean(),
});
export type WindowState = z.output<typeof stored>;

const FIRST = { width: 1440, height: 900 };
/** So much of a window must be on a screen to be found again, pixels. */
const VISIBLE = 120;

/** Where the window was last, or null when it was nowhere, or on a screen that is gone. */
export function readWindowState(folder: string): WindowState | null {
  try {
    const state = stored.parse(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8')));
    return isOnScreen(state) ? state : null;
  } catch {
    return null;
  }
}

function isOnScreen({ x, y, width }: WindowState): boolean {
  return screen.getAllDisplays().some(({ workArea }: { workArea: Rectangle }) => {
    const across = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x);
    // The title bar is what a person takes a window by.
    const reachable = y >= workArea.y - 10 && y < workArea.y + workArea.height - 40;
    return across >= VISIBLE && reachable;
  });
}

/** Size and place for a new window. */
export const startingBounds = (
  state: WindowState | null,
): { width: number; height: number; x?: number; y?: number } =>
  state ? { x: state.x, y: state.y, width: state.width, height: state.height } : FIRST;

/** Keeps where a window is, whenever it has come to rest. */
export function keepWindowState(window: BrowserWindow, folder: string, delay = 500): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    const { x, y, width, height } = window.getNormalBounds();
    mkdirSync(folder, { recursive: true });
    writeFileAtomic(
      join(folder, 'window.json'),
      JSON.stringify({ x, y, width, height, maximized: window.isMaximized() }),
    );
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('close', () => {
    clearTimeout(timer);
    save();
  });
}
