const STORED = 'graft-theme';

export type Theme = 'dark' | 'light';

/** Dark unless the person has chosen otherwise: images are read in the dark. */
class ThemeState {
  #theme = $state<Theme>('dark');

  get current(): Theme {
    return this.#theme;
  }

  start(): void {
    const asked = new URLSearchParams(location.search).get('theme') ?? localStorage.getItem(STORED);
    this.#set(asked === 'light' ? 'light' : 'dark');
  }

  toggle(): void {
    this.#set(this.#theme === 'dark' ? 'light' : 'dark');
    localStorage.setItem(STORED, this.#theme);
  }

  #set(theme: Theme): void {
    this.#theme = theme;
    document.documentElement.classList.toggle('dark', theme === 'dark');
  }
}

export const theme = new ThemeState();
