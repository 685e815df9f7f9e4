#!/usr/bin/env node
// The way in: works on any Node from 18 on and with nothing installed. It installs what is missing, finds the
// pinned Node, and runs Graft (or the gate, or a development tool) on it.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, reasonToInstall } from './launcher/install.mjs';
import { findNode, noNodeSentence } from './launcher/node-binary.mjs';
import { runAndExit } from './launcher/run.mjs';
import { toolScript } from './launcher/tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function main([first, ...rest]) {
  const reason = reasonToInstall(root);
  if (reason) {
    console.error(`Installing packages (${reason}); this takes a minute …`);
    if (!install(root)) {
      console.error(
        'The packages could not be installed. Check the connection to the npm registry, then try again.',
      );
      process.exit(1);
    }
  }
  const node = findNode(root);
  if (!node) {
    console.error(noNodeSentence());
    process.exit(1);
  }
  if (first === '--gate') return runAndExit(node, [join(root, 'build', 'gate.mjs'), ...rest]);
  if (first === '--exec') return runAndExit(node, [toolScript(root, rest[0]), ...rest.slice(1)]);
  if (first === '--window') return runAndExit(node, [join(root, 'build', 'start.mjs'), ...rest]);
  const cli = join(root, 'src-main', 'shell', 'cli', 'main.ts');
  const args = first === undefined ? [] : [first, ...rest];
  return runAndExit(node, ['--disable-warning=ExperimentalWarning', cli, ...args]);
}

main(process.argv.slice(2));
