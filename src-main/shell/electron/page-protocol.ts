import { protocol } from 'electron';
import type { DeskApp } from '../../app/index.ts';
import { answerPage } from '../page/answer.ts';

export const SCHEME = 'graft';
export const ORIGIN = `${SCHEME}://app`;

/** Before the application is ready: makes `graft:` a scheme like `https:`, with an origin of its own. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
}

/** Serves the page and its resources from this process; nothing is ever read as `file:`. */
export function servePage(desk: Pick<DeskApp, 'resource'>, renderer: string): void {
  protocol.handle(SCHEME, async (request) => {
    const path = pathOf(request.url);
    if (path === null || request.method !== 'GET') return new Response('Not found', { status: 404 });
    const { status, headers, body } = await answerPage(desk, renderer, path, request.signal);
    return new Response(new Uint8Array(body), { status, headers });
  });
}

/** The path as it was asked for, still encoded, so that what tries to climb out is seen; null for another origin. */
export function pathOf(url: string): string | null {
  return isOwn(url) ? url.slice(ORIGIN.length).split(/[?#]/)[0] : null;
}

/** Whether an address is one of this page's. */
export const isOwn = (url: string): boolean => url.startsWith(`${ORIGIN}/`);
