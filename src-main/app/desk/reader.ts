import { mkdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../platform/files.ts';
import { configurationFolder } from '../../store/index.ts';

const stored = z.object({ name: z.string().min(1) });
const path = (): string => join(configurationFolder(), 'reader.json');

/** Under whose name readings are stored: as chosen on this machine, else the login name. */
export function readerName(): string {
  try {
    return stored.parse(JSON.parse(readFileSync(path(), 'utf8'))).name;
  } catch {
    return loginName();
  }
}

export function saveReaderName(name: string): string {
  mkdirSync(configurationFolder(), { recursive: true, mode: 0o700 });
  writeFileAtomic(path(), `${JSON.stringify({ name })}\n`);
  return name;
}

/** Some containers have users without a name. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'reader';
  }
}
