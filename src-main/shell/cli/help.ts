import type { Command } from 'commander';

/** Adds examples below a command's options: `graft` is left out of each. */
export function examples(command: Command, ...lines: [call: string, meaning: string][]): Command {
  const width = Math.max(...lines.map(([call]) => call.length));
  const text = lines.map(([call, meaning]) => `  graft ${call.padEnd(width)}  # ${meaning}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}

export const PROJECT: [flags: string, description: string] = [
  '-p, --project <folder>',
  'the project (default: the one in this folder, else ./graft-project)',
];
