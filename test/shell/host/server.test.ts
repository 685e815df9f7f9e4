import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeskApp } from '../../../src-main/app/index.ts';
import type { AppEvent } from '../../../src-main/contract/events.ts';
import { startHost, type Host } from '../../../src-main/shell/host/server.ts';

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('the host', () => {
  let folder: string;
  let host: Host;
  let cookie: string;
  let listeners: Set<(event: AppEvent) => void>;
  let asked: { name: string; input: unknown }[];

  const desk = (): DeskApp => ({
    call: async (name, input) => {
      asked.push({ name, input });
      return { ok: true, value: name };
    },
    resource: async (path) => ({ status: 200, type: 'text/plain', body: new TextEncoder().encode(path) }),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isBusy: () => false,
    close: async () => {},
  });

  /** Sends exactly the path that is given: `fetch` would tidy it up first. */
  function send(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { method = 'GET', headers = {}, body } = options;
      const sent = request(
        { host: '127.0.0.1', port: host.port, path, method, headers: { cookie, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const call = (body: string, headers: Record<string, string> = {}): Promise<Reply> =>
    send('/api/call', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-graft-call': '1', ...headers },
      body,
    });

  const enter = async (): Promise<Reply> => {
    const { pathname, search } = new URL(host.address());
    return send(`${pathname}${search}`, { headers: { cookie: '' } });
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'graft-host-'));
    mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
    writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(join(folder, 'page', 'bridge.js'), '// empty');
    writeFileSync(join(folder, 'page', 'assets', 'a-1.js'), 'export {};');
    writeFileSync(join(folder, 'secret.html'), 'secret');
    symlinkSync(join(folder, 'secret.html'), join(folder, 'page', 'link.html'));
    listeners = new Set();
    asked = [];
    host = await startHost({ desk: desk(), renderer: join(folder, 'page'), port: 0 });
    cookie = (await enter()).headers['set-cookie']![0].split(';')[0];
  });
  afterEach(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  it('opens to a token once, and keeps it out of the address after that', async () => {
    const address = new URL(host.address());
    const first = await send(`/${address.search}`, { headers: { cookie: '' } });
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(first.headers['set-cookie']![0]).toMatch(
      /^graft-\d+=[\w-]{40,}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    const second = await send(`/${address.search}`, { headers: { cookie: '' } });
    expect(second.status).toBe(401);
    expect(second.body).toContain('has been used');
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  it('lets an unused token die when another is given out', async () => {
    const early = new URL(host.address()).search;
    host.address();
    expect((await send(`/${early}`, { headers: { cookie: '' } })).status).toBe(401);
  });

  it.each(['', 'graft-1=x', 'other=1'])('shows nothing to a request with the cookie "%s"', async (wrong) => {
    for (const path of ['/', '/assets/a-1.js', '/api/events', '/frames/1/0', '/bridge.js']) {
      expect((await send(path, { headers: { cookie: wrong } })).status).toBe(401);
    }
  });

  it.each([
    ['a name that was pointed here', { host: 'evil.example' }],
    ['another port of this machine', { host: '127.0.0.1:1' }],
    ['another page', { origin: 'https://evil.example' }],
    ['a page of another scheme', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another application on this machine', { 'sec-fetch-site': 'same-site' }],
  ])('refuses %s, cookie or not', async (_, headers) => {
    expect((await send('/', { headers })).status).toBe(403);
    expect((await call('{"name":"x","input":null}', headers)).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('takes calls, and answers what the desk answers', async () => {
    const reply = await call('{"name":"jobs.list","input":{"limit":3}}');
    expect(JSON.parse(reply.body)).toEqual({ ok: true, value: 'jobs.list' });
    expect(asked).toEqual([{ name: 'jobs.list', input: { limit: 3 } }]);
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['no header of the page', { 'x-graft-call': '' }],
  ])('takes no call from %s', async (_, headers) => {
    expect((await call('{"name":"x","input":null}', headers)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it.each(['', '{', '[]', '{"input":1}', '{"name":3}'])('takes no call that says "%s"', async (body) => {
    const reply = await call(body);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body)).toMatchObject({ ok: false, error: { code: 'call-refused' } });
    expect(asked).toEqual([]);
  });

  it('does not read a call that no page would make', async () => {
    const reply = await call(JSON.stringify({ name: 'x', input: 'a'.repeat(17 * 2 ** 20) })).catch(
      () => null,
    );
    // The connection may be cut before everything is sent: that is refusal enough.
    if (reply) expect(reply.status).toBe(413);
    expect(asked).toEqual([]);
  });

  it('takes no call as GET, and nothing but GET elsewhere', async () => {
    expect((await send('/api/call')).status).toBe(400);
    expect((await send('/', { method: 'DELETE' })).status).toBe(405);
  });

  it.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/assets/../../secret.html',
    '/assets/..\\..\\secret.html',
    '//etc/passwd',
    '/link.html',
    '/index.html%00.js',
    '/.hidden',
    '/index',
    '/page.exe',
  ])('does not serve %s', async (path) => {
    const reply = await send(path);
    expect(reply.status).toBe(404);
    expect(reply.body).not.toContain('secret');
  });

  it('serves the page with what a browser is to forbid it', async () => {
    for (const path of ['/', '/assets/a-1.js', '/bridge.js', '/frames/1/0', '/nothing.js']) {
      const { headers } = await send(path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
    }
    expect((await send('/files/reports/a.html')).headers['content-security-policy']).toMatch(/^sandbox;/);
  });

  it('keeps what has its content in its name, and nothing else', async () => {
    expect((await send('/assets/a-1.js')).headers['cache-control']).toContain('immutable');
    expect((await send('/')).headers['cache-control']).toBe('no-store');
    expect((await send('/frames/1/0')).headers['cache-control']).toBe('no-store');
  });

  it('gives the page its own bridge in place of the empty one', async () => {
    expect((await send('/bridge.js')).body).toContain('window.graft');
  });

  it('tells events, and forgets a page that has gone', async () => {
    const told = Promise.withResolvers<string>();
    const sent = request(
      { host: '127.0.0.1', port: host.port, path: '/api/events', headers: { cookie } },
      (response) => {
        response.on('data', (chunk: Buffer) => {
          if (chunk.includes('data:')) told.resolve(chunk.toString('utf8'));
        });
      },
    );
    sent.on('error', () => {});
    sent.end();
    await expect.poll(() => listeners.size).toBe(1);
    for (const listener of listeners) listener({ kind: 'changed', what: 'labels' });
    expect(await told.promise).toContain('data: {"kind":"changed","what":"labels"}');
    sent.destroy();
    await expect.poll(() => listeners.size).toBe(0);
  });

  it('says that a port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(startHost({ desk: desk(), renderer: folder, port })).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining(String(port)),
    });
    other.close();
  });

  it('listens on this machine alone', async () => {
    expect(host.address()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{40,}$/);
  });
});
