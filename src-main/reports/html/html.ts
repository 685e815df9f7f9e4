import { escapeMarkup } from '../../charts/index.ts';

/** Text that is HTML already, so that nothing is escaped twice and nothing slips through unescaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

const render = (content: Content): string => {
  if (content instanceof Html) return content.text;
  if (content === null || content === undefined || content === false) return '';
  if (typeof content === 'object') return content.map(render).join('');
  return escapeMarkup(String(content));
};

/** A template whose values are escaped, unless they are `Html` themselves. */
export const html = (strings: TemplateStringsArray, ...values: readonly Content[]): Html =>
  new Html(strings.reduce((text, part, i) => text + part + (i < values.length ? render(values[i]) : ''), ''));
