import type { Scene } from '../charts/index.ts';

/** A piece of text; `\n` in it begins a new line. */
export type Inline =
  | string
  | { text: string; style: 'strong' | 'code' | 'soft' | 'warning' }
  /** Leads to a section of the report, by its id. */
  | { text: string; section: string };
export type Text = Inline | readonly Inline[];

export interface Heading {
  kind: 'heading';
  text: string;
}

export interface Paragraph {
  kind: 'paragraph';
  text: Text;
  tone?: 'soft' | 'warning';
}

export interface List {
  kind: 'list';
  items: readonly Text[];
}

/** Names with what is said of each. */
export interface Facts {
  kind: 'facts';
  entries: readonly (readonly [string, Text])[];
  /** Many short ones, in two columns. Default false. */
  short?: boolean;
}

/** The first cell of each row is its header. */
export interface Table {
  kind: 'table';
  /** In plain words, above the table. */
  caption: Text;
  head: readonly string[];
  rows: readonly (readonly Text[])[];
  /** Cells of running text, which may take several lines. Default false: cells keep to one line on a screen. */
  prose?: boolean;
}

export interface Figure {
  kind: 'figure';
  scene: Scene;
  /** Below the drawing: what to look at. */
  caption: Text;
}

/** Drawings side by side where there is room. */
export interface Figures {
  kind: 'figures';
  figures: readonly Figure[];
}

/** A picture of pixels, such as a heat map over an image. Nothing that names a person may be in it. */
export interface Picture {
  kind: 'picture';
  /** PNG, in base 64. */
  png: string;
  /** Pixels. */
  width: number;
  height: number;
  /** For those who cannot see it. */
  label: string;
  caption: Text;
}

/** Pictures of one size side by side. */
export interface Pictures {
  kind: 'pictures';
  pictures: readonly Picture[];
}

/** What sections are made of; each format draws every kind in its own way. */
export type Block = Heading | Paragraph | List | Facts | Table | Figure | Figures | Picture | Pictures;

/** Blocks as a section writes them: what is null or false is left out, lists are laid out flat. */
export type Blocks = Block | null | undefined | false | readonly Blocks[];

export function flatten(blocks: Blocks): Block[] {
  if (!blocks) return [];
  if (Array.isArray(blocks)) return (blocks as readonly Blocks[]).flatMap(flatten);
  return [blocks as Block];
}

export const heading = (text: string): Heading => ({ kind: 'heading', text });
export const paragraph = (text: Text, tone?: Paragraph['tone']): Paragraph => ({
  kind: 'paragraph',
  text,
  ...(tone ? { tone } : {}),
});
export const list = (items: readonly Text[]): List => ({ kind: 'list', items });
export const facts = (entries: Facts['entries'], options: { short?: boolean } = {}): Facts => ({
  kind: 'facts',
  entries,
  ...options,
});
export const table = (
  caption: Text,
  head: readonly string[],
  rows: Table['rows'],
  options: { prose?: boolean } = {},
): Table => ({ kind: 'table', caption, head, rows, ...options });
export const figure = (scene: Scene, caption: Text): Figure => ({ kind: 'figure', scene, caption });
/** Drawings that there are, side by side; null where there is none. */
export function figures(...all: (Figure | null | false | undefined)[]): Figures | null {
  const shown = all.filter((one): one is Figure => Boolean(one));
  return shown.length === 0 ? null : { kind: 'figures', figures: shown };
}

export const strong = (text: string): Inline => ({ text, style: 'strong' });
export const code = (text: string): Inline => ({ text, style: 'code' });
export const soft = (text: string): Inline => ({ text, style: 'soft' });
export const warning = (text: string): Inline => ({ text, style: 'warning' });
export const pointer = (section: string, text: string): Inline => ({ section, text });

export const inlines = (text: Text): readonly Inline[] =>
  Array.isArray(text) ? (text as readonly Inline[]) : [text as Inline];
/** The words alone. */
export const plain = (text: Text): string =>
  inlines(text)
    .map((one) => (typeof one === 'string' ? one : one.text))
    .join('');
