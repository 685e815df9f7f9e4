import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import { GraftError } from '../contract/errors.ts';

const LARGEST = 1024 * 1024;

/** What a small YAML or JSON file holds, and how to say that it is not what was expected. */
export interface YamlFile {
  value: unknown;
  wrong: (found: string, cause?: unknown) => GraftError;
}

/**
 * Reads a YAML or JSON file that a person wrote.
 *
 * @param what for sentences: "a training plan"
 * @param code of the error
 * @throws GraftError with that code
 */
export function readYamlFile(path: string, what: string, code: string): YamlFile {
  const wrong: YamlFile['wrong'] = (found, cause) =>
    new GraftError(
      code,
      `Expected ${what} in ${basename(path)}, found ${found}.`,
      cause === undefined ? {} : { cause },
    );
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw wrong('no such file; give its path as you see it from here');
  if (size > LARGEST) throw wrong('more than 1 MB; it is a page of text');
  // Every JSON file is a YAML file. Aliases are few: they could make a small file stand for an enormous one.
  const document = parseDocument(readFileSync(path, 'utf8'));
  const [error] = document.errors;
  if (error) throw wrong(`a mistake in its form: ${error.message.split('\n')[0]}`, error);
  try {
    return { value: document.toJS({ maxAliasCount: 20 }) as unknown, wrong };
  } catch (cause) {
    throw wrong('references that stand for too much', cause);
  }
}
