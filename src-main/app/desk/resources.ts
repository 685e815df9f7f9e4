import { GraftError } from '../../contract/errors.ts';
import type { Resource } from '../../contract/resources.ts';
import type { Desk } from './desk.ts';
import { readFrame } from './frames.ts';
import { readReportFile } from './report-files.ts';
import { readThumbnail } from './thumbnails.ts';

/**
 * Answers an address of contract/resources.ts.
 *
 * @throws GraftError `resource-unknown`, and what reading throws
 */
export async function readResource(desk: Desk, path: string, signal?: AbortSignal): Promise<Resource> {
  const picture = /^\/(frames|thumbnails)\/(\d{1,15})\/(\d{1,9})$/.exec(path);
  if (picture) {
    const read = picture[1] === 'frames' ? readFrame : readThumbnail;
    return read(desk, Number(picture[2]), Number(picture[3]), signal);
  }
  const file = /^\/files\/reports\/([^/\\]{1,200})$/.exec(path);
  if (file) return readReportFile(desk, file[1]);
  throw new GraftError('resource-unknown', `Expected an address of this application, found "${path}".`);
}
