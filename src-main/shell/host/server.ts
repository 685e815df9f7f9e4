import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { DeskApp } from '../../app/index.ts';
import type { Answer } from '../../contract/call.ts';
import { GraftError } from '../../contract/errors.ts';
import { answerPage } from '../page/answer.ts';
import { securityHeaders } from '../page/security-headers.ts';
import { Access, foreignness } from './access.ts';
import { bridgeScript, CALL_HEADER } from './bridge-script.ts';
import { streamEvents } from './event-stream.ts';

export interface HostOptions {
  desk: DeskApp;
  /** Folder of the built page. */
  renderer: string;
  /** 0 takes any that is free. */
  port: number;
}

export interface Host {
  port: number;
  /** A fresh address that is good for one visit. */
  address(): string;
  /** Ends connections, and resolves when none is left. The desk is not closed: it belongs to the caller. */
  close(): Promise<void>;
}

/** Labels for a hundred thousand images at once take some megabytes. */
const LARGEST_CALL_BYTES = 16 * 2 ** 20;

const call = z.object({ name: z.string().max(100), input: z.unknown() });

/**
 * Serves the application to a browser on this machine alone.
 *
 * @throws GraftError `port-taken`
 */
export async function startHost({ desk, renderer, port: wanted }: HostOptions): Promise<Host> {
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 });
  const port = await listenOn(server, wanted);
  const access = new Access(port);
  server.on('request', (request, response) => {
    answer(request, response).catch((cause: unknown) => {
      if (!response.headersSent) send(response, 500, 'text/plain', 'Something went wrong in Graft.', '/');
      response.end();
      void cause;
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = URL.parse(request.url ?? '/', `http://127.0.0.1:${port}`);
    // The path as it was sent: parsing would fold "..", which is to be seen and refused.
    const path = (request.url ?? '/').split('?')[0];
    const foreign = foreignness(request, port);
    if (foreign || !address)
      return send(response, 403, 'text/plain', 'This address is not for other pages.', path);
    const token = address.searchParams.get('token');
    if (token !== null && request.method === 'GET' && path === '/') return enter(token, response);
    if (!access.admits(request)) return send(response, 401, 'text/html; charset=utf-8', closedPage, path);
    if (path === '/api/call') return takeCall(request, response);
    if (request.method !== 'GET')
      return send(response, 405, 'text/plain', 'Only GET here.', path, { allow: 'GET' });
    if (path === '/api/events') return openEvents(request, response);
    if (path === '/bridge.js') {
      const headers = { 'cache-control': 'no-store' };
      return send(response, 200, 'text/javascript; charset=utf-8', bridgeScript, path, headers);
    }
    const { status, headers, body } = await answerPage(desk, renderer, path, closingOf(response));
    response.writeHead(status, headers).end(body);
  }

  function enter(token: string, response: ServerResponse): void {
    const cookie = access.redeem(token);
    if (cookie === null) return send(response, 401, 'text/html; charset=utf-8', closedPage, '/');
    response.writeHead(303, { ...securityHeaders('/'), 'set-cookie': cookie, location: '/' }).end();
  }

  async function takeCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, value: Answer): void =>
      send(response, status, 'application/json', JSON.stringify(value), '/api/call', {
        'cache-control': 'no-store',
      });
    const kind = request.headers['content-type']?.split(';')[0];
    if (request.method !== 'POST' || kind !== 'application/json' || request.headers[CALL_HEADER] !== '1') {
      return reply(400, refused('A call is a POST of JSON by this page.'));
    }
    const body = await readBody(request);
    if (body === null) {
      response.setHeader('connection', 'close');
      return reply(413, refused('A call of this size is never made by this page.'));
    }
    const parsed = call.safeParse(parseJson(body));
    if (!parsed.success)
      return reply(400, refused('A call names what it wants and gives its input, as JSON.'));
    reply(200, await desk.call(parsed.data.name, parsed.data.input));
  }

  function openEvents(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, {
      ...securityHeaders('/api/events'),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    const stop = streamEvents(response, (listener) => desk.listen(listener));
    request.on('close', stop);
    response.on('close', stop);
  }

  return {
    port,
    address: () => `http://127.0.0.1:${port}/?token=${access.issue()}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE' || cause.code === 'EACCES'
          ? new GraftError(
              'port-taken',
              `Expected port ${port} to be free, found it taken or not allowed. Leave --port out, or name another.`,
              { cause },
            )
          : cause,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Aborts when the connection of an answer ends: after the answer, or because nobody waits for it any more. */
function closingOf(response: ServerResponse): AbortSignal {
  const closing = new AbortController();
  response.once('close', () => closing.abort());
  return closing.signal;
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  path: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...securityHeaders(path), 'content-type': type, ...headers }).end(body);
}

const refused = (message: string): Answer => ({
  ok: false,
  error: { kind: 'bug', code: 'call-refused', message },
});

/** Null where it is larger than any call of the page. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_CALL_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const closedPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Graft</title>
<body style="font: 16px system-ui; max-width: 34rem; margin: 4rem auto; padding: 0 1rem">
<h1 style="font-size: 1.3rem">This address has been used</h1>
<p>An address of Graft opens it once, in one browser. Press Enter in the terminal where Graft runs: it prints a new one.</p>
</body></html>`;
