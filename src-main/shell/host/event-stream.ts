import type { ServerResponse } from 'node:http';
import type { AppEvent } from '../../contract/events.ts';

const KEEP_ALIVE_MS = 15_000;
/** What a slow page may owe before later events of the same kind replace earlier ones. */
const HIGH_WATER_BYTES = 256 * 1024;

/**
 * Tells a page events by server-sent events. A page that does not keep up is told the latest of each thing instead of all of
 * them, so that it cannot make the host's memory grow.
 *
 * @returns stops it
 */
export function streamEvents(
  response: ServerResponse,
  listen: (listener: (event: AppEvent) => void) => () => void,
): () => void {
  const held = new Map<string, AppEvent>();
  const write = (event: AppEvent): void => {
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  const stop = listen((event) => {
    if (held.size === 0 && response.writableLength < HIGH_WATER_BYTES) return write(event);
    held.delete(nameOf(event));
    held.set(nameOf(event), event);
  });
  const drain = (): void => {
    for (const event of held.values()) write(event);
    held.clear();
  };
  const alive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
  response.on('drain', drain);
  response.write('retry: 1000\n\n');
  return () => {
    clearInterval(alive);
    response.off('drain', drain);
    stop();
  };
}

/** Events of the same name replace one another. Epochs do not: each is a point of a curve. */
function nameOf(event: AppEvent): string {
  switch (event.kind) {
    case 'job':
      return `job ${event.job.id}`;
    case 'epoch':
      return `epoch ${event.runId} ${event.metrics.epoch}`;
    case 'changed':
      return `changed ${event.what}`;
    default:
      return event.kind;
  }
}
