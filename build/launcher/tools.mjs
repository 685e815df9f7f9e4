import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package that a development command belongs to, where the names differ. */
const PACKAGE_OF = { tsc: 'typescript', depcruise: 'dependency-cruiser', 'install-electron': 'electron' };

/** The script behind a command such as `prettier`, so that it runs on the pinned Node and not on the machine's. */
export function toolScript(root, command) {
  const name = PACKAGE_OF[command] ?? command;
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}
