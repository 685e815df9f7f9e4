import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createDesk } from '../../app/index.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
};

const BRIDGE = `
const listeners = new Set();
const tell = (event) => listeners.forEach((listener) => listener(event));
const source = new EventSource('./api/events');
source.onmessage = ({ data }) => tell(JSON.parse(data));
source.onerror = () => tell({ kind: 'connection', connected: false });
let opened = false;
source.onopen = () => { if (opened) tell({ kind: 'connection', connected: true }); opened = true; };
window.graft = {
  call: async (name, input) => {
    try {
      const response = await fetch('./api/call', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, input }) });
      return await response.json();
    } catch (cause) {
      return { ok: false, error: { kind: 'expected', code: 'no-connection', message: 'Expected an answer from Graft, found no connection. See whether it still runs, then try again.', cause: String(cause) } };
    }
  },
  listen: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  pathOf: () => null,
};`;

/** First draft of the host, to be hardened. */
export async function startHost(options: {
  port: number;
  renderer: string;
}): Promise<{ address: string; close: () => Promise<void> }> {
  const desk = createDesk();
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const send = (
      status: number,
      type: string,
      body: string | Uint8Array,
      headers: Record<string, string> = {},
    ): void => {
      response.writeHead(status, { 'content-type': type, ...headers }).end(body);
    };
    if (url.searchParams.get('token') === token)
      return send(302, 'text/plain', '', {
        'set-cookie': `graft=${token}; HttpOnly; SameSite=Strict; Path=/`,
        location: './',
      });
    if (!(request.headers.cookie ?? '').includes(`graft=${token}`))
      return send(401, 'text/plain', 'Open the address that Graft printed.');
    if (url.pathname === '/bridge.js') return send(200, 'text/javascript', BRIDGE);
    if (url.pathname === '/api/events') {
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
        .write(':\n\n');
      const stop = desk.listen((event) => response.write(`data: ${JSON.stringify(event)}\n\n`));
      request.on('close', stop);
      return;
    }
    if (url.pathname === '/api/call') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { name, input } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        name: string;
        input: unknown;
      };
      return send(200, 'application/json', JSON.stringify(await desk.call(name, input)));
    }
    if (/^\/(frames|thumbnails|files)\//.test(url.pathname)) {
      const { status, type, body, headers } = await desk.resource(url.pathname);
      return send(status, type, body, headers);
    }
    const path = join(options.renderer, normalize(url.pathname === '/' ? '/index.html' : url.pathname));
    if (!path.startsWith(options.renderer) || !existsSync(path)) return send(404, 'text/plain', 'Not found');
    send(200, TYPES[extname(path)] ?? 'application/octet-stream', readFileSync(path));
  }
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/?token=${token}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await desk.close();
    },
  };
}
