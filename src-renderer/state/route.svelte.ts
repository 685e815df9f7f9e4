/** Which screen is shown, kept in the address after `#` so that reload and back work: `#/evaluate?run=3`. */
class Route {
  #screen = $state('');
  #parameters = $state<Record<string, string>>({});

  get screen(): string {
    return this.#screen;
  }

  /** What comes after `?` in the address. */
  get parameters(): Readonly<Record<string, string>> {
    return this.#parameters;
  }

  start(): void {
    window.addEventListener('hashchange', () => this.#read());
    this.#read();
  }

  go(screen: string, parameters: Record<string, string | number> = {}): void {
    const entries = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const query = new URLSearchParams(entries).toString();
    location.hash = `/${screen}${query ? `?${query}` : ''}`;
  }

  #read(): void {
    const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
    this.#screen = path;
    this.#parameters = Object.fromEntries(new URLSearchParams(query));
  }
}

export const route = new Route();
