/**
 * A signal that Ctrl-C (or SIGTERM) aborts. A second Ctrl-C ends at once; one that comes within half a second is
 * the same keypress, handed on by npm as well as by the terminal.
 */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const abort = new AbortController();
  let firstAt = 0;
  const interrupt = (): void => {
    if (!abort.signal.aborted) {
      firstAt = performance.now();
      onFirst();
      abort.abort();
    } else if (performance.now() - firstAt > 500) {
      process.exit(130);
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return abort.signal;
}
