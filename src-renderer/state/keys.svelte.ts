/** One key, or keys, and what they do. */
export interface KeyHint {
  keys: string;
  does: string;
}

/** Whether somebody is typing: then single keys are letters and not commands. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input:not([type=checkbox]), textarea, select, [role=listbox]') !== null;

const everywhere: readonly KeyHint[] = [
  { keys: '?', does: 'show or hide this list' },
  { keys: 'g then d, l, m, p, r, e, o', does: 'go to Data, Label, Model, Plan, Run, Evaluate, Report' },
  { keys: 'g then h', does: 'go to all projects' },
  { keys: 't', does: 'light or dark (not while labelling)' },
];

/** The list of keys that `?` shows: those of every screen, and those that the screen on view has added. */
class Keys {
  #open = $state(false);
  #ofScreen = $state.raw<{ title: string; hints: readonly KeyHint[] } | null>(null);

  get open(): boolean {
    return this.#open;
  }

  set open(open: boolean) {
    this.#open = open;
  }

  get groups(): readonly { title: string; hints: readonly KeyHint[] }[] {
    const general = { title: 'Everywhere', hints: everywhere };
    return this.#ofScreen ? [this.#ofScreen, general] : [general];
  }

  toggle(): void {
    this.#open = !this.#open;
  }

  /** A screen's own keys, as long as it is shown. Returns a function that takes them away. */
  add(title: string, hints: readonly KeyHint[]): () => void {
    const group = { title, hints };
    this.#ofScreen = group;
    return () => {
      if (this.#ofScreen === group) this.#ofScreen = null;
    };
  }
}

export const keys = new Keys();
