import { GraftError } from '../../contract/errors.ts';
import type { Resource } from '../../contract/resources.ts';
import type { Desk } from './desk.ts';

/** Answers an address of contract/resources.ts. */
export async function readResource(_desk: Desk, path: string): Promise<Resource> {
  throw new GraftError('resource-unknown', `Expected an address of this application, found "${path}".`);
}
