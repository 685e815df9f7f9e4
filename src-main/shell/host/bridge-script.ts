/** Header that only this script sends: a form or a link of another page cannot. */
export const CALL_HEADER = 'x-graft-call';

/**
 * The page's bridge over HTTP, served in place of the empty `bridge.js` of the built page. It gives the page what the
 * preload script gives it in a window of its own.
 */
export const bridgeScript = `(() => {
  const listeners = new Set();
  const tell = (event) => listeners.forEach((listener) => listener(event));
  let opened = false;
  let lost = false;
  const events = new EventSource('./api/events');
  events.onmessage = ({ data }) => tell(JSON.parse(data));
  events.onopen = () => {
    if (opened && lost) tell({ kind: 'connection', connected: true });
    opened = true;
    lost = false;
  };
  events.onerror = () => {
    if (!lost) tell({ kind: 'connection', connected: false });
    lost = true;
  };
  const failure = (cause) => ({
    ok: false,
    error: {
      kind: 'expected',
      code: 'no-connection',
      message: 'Expected an answer from Graft, found no connection. See whether it still runs, then try again.',
      cause: String(cause),
    },
  });
  window.graft = {
    call: async (name, input) => {
      try {
        const response = await fetch('./api/call', {
          method: 'POST',
          headers: { 'content-type': 'application/json', '${CALL_HEADER}': '1' },
          body: JSON.stringify({ name, input }),
        });
        return await response.json();
      } catch (cause) {
        return failure(cause);
      }
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pathOf: () => null,
  };
})();
`;
