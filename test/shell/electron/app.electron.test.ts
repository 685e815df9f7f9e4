import { existsSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { electronBinary } from '../../../build/launcher/electron-binary.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { path, reason } = electronBinary(root);
if (path === null) {
  process.stderr.write(`The application was not started in Electron itself: ${reason}.\n`);
}

describe.skipIf(path === null)('the application in Electron itself', () => {
  it('opens a window with the list of projects', async () => {
    const main = join(root, 'out', 'main', 'shell', 'electron', 'main.js');
    expect(existsSync(main), 'npm start builds what Electron runs').toBe(true);
    const home = mkdtempSync(join(tmpdir(), 'graft-electron-app-'));
    const app = await _electron.launch({
      executablePath: path!,
      args: [main],
      env: { ...(process.env as Record<string, string>), GRAFT_HOME: home },
    });
    const window = await app.firstWindow();
    await window.getByRole('heading', { name: 'Recent projects' }).waitFor();
    expect(await window.evaluate('typeof require')).toBe('undefined');
    await app.close();
    rmSync(home, { recursive: true });
  }, 120_000);
});
