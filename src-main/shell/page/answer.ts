import type { DeskApp } from '../../app/index.ts';
import { securityHeaders } from './security-headers.ts';
import { readStaticFile } from './static-files.ts';

/** An answer to a GET of the page, whichever shell gives it. */
export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

const RESOURCE = /^\/(frames|thumbnails|files)\//;
const text = (body: string): Uint8Array => new TextEncoder().encode(body);

/**
 * Answers an address of the page: the application's resources, or a file of the built page.
 *
 * @param path still encoded, without the query
 * @param signal aborts when nobody waits for the answer any more
 */
export async function answerPage(
  desk: Pick<DeskApp, 'resource'>,
  renderer: string,
  path: string,
  signal?: AbortSignal,
): Promise<PageAnswer> {
  const security = securityHeaders(path);
  if (RESOURCE.test(path)) {
    const { status, type, body, headers = {} } = await desk.resource(path, signal);
    return {
      status,
      body,
      headers: { 'cache-control': 'no-store', ...security, ...headers, 'content-type': type },
    };
  }
  const file = await readStaticFile(renderer, path);
  if (!file) {
    return {
      status: 404,
      body: text('Not found'),
      headers: { ...security, 'content-type': 'text/plain; charset=utf-8' },
    };
  }
  const caching = file.immutable ? 'private, max-age=31536000, immutable' : 'no-store';
  return {
    status: 200,
    body: file.body,
    headers: { ...security, 'content-type': file.type, 'cache-control': caching },
  };
}
