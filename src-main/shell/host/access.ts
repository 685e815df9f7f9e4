import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const equal = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const secret = (): string => randomBytes(32).toString('base64url');

/**
 * Who may talk to the host. A token in the address is good for one visit: it is exchanged for a cookie that scripts
 * cannot read and other sites cannot send, and is dead from then on. A fresh one can be asked for at the terminal.
 */
export class Access {
  readonly #cookies = new Set<string>();
  readonly #cookieName: string;
  #token: string | null = null;

  /** @param port part of the cookie's name: two hosts on one machine must not overwrite each other's */
  constructor(port: number) {
    this.#cookieName = `graft-${port}`;
  }

  /** A new one-time token; an earlier one that was not used is dead. */
  issue(): string {
    this.#token = secret();
    return this.#token;
  }

  /** The cookie to set for a token, or null when the token is not (any longer) good. */
  redeem(token: string): string | null {
    if (this.#token === null || !equal(token, this.#token)) return null;
    this.#token = null;
    const cookie = secret();
    this.#cookies.add(cookie);
    return `${this.#cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Whether a request carries a cookie that was given out here. */
  admits({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    const sent = (headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim().split('='))
      .find(([name]) => name === this.#cookieName)?.[1];
    return sent !== undefined && [...this.#cookies].some((cookie) => equal(cookie, sent));
  }
}

/**
 * Why a request is none of this page's, or null. A name that was pointed at this machine (DNS rebinding) shows in `Host`,
 * another page in `Origin` and `Sec-Fetch-Site`.
 */
export function foreignness({ headers }: Pick<IncomingMessage, 'headers'>, port: number): string | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return 'host';
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return 'origin';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'site';
  return null;
}
