import type { ShortcutReport } from '../contract/checks.ts';

const names = (list: readonly string[]): string =>
  list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list[list.length - 1]}`;

/** What the probes say together, in one or two sentences. */
export function shortcutSentence({ attributes, border, verdict }: Omit<ShortcutReport, 'sentence'>): string {
  const having = (list: readonly { verdict: string }[], which: string): boolean =>
    list.some((one) => one.verdict === which);
  const alarming = attributes.filter((one) => one.verdict === 'alarm').map(({ attribute }) => attribute);
  const encoded = attributes.filter((one) => one.verdict === 'encoded').map(({ attribute }) => attribute);
  const asked = [
    ...(attributes.length > 0 ? [names(attributes.map(({ attribute }) => attribute))] : []),
    ...(border.length > 0 ? ['the border alone'] : []),
  ];
  if (asked.length === 0)
    return 'Nothing could be asked: no attribute and no label has two values among these images.';
  if (verdict === 'clear')
    return `No sign of a shortcut: the features tell neither ${asked.join(' nor ')} better than guessing would.`;
  const sentences = [
    ...(alarming.length > 0
      ? [
          `Possible shortcut: the features tell ${names(alarming)}, and ${alarming.length === 1 ? 'it goes' : 'they go'} with the label in these images, so that a model can be right without looking at the disease.`,
        ]
      : []),
    ...(having(border, 'alarm')
      ? [
          'Possible shortcut: the margin of the images alone, their middle covered, tells much of what whole images do. Look for markers, collimator edges, text and tables there.',
        ]
      : []),
  ];
  if (sentences.length > 0) return sentences.join(' ');
  return [
    ...(encoded.length > 0
      ? [
          `The features tell ${names(encoded)}, which is common; nothing shows that ${encoded.length === 1 ? 'it goes' : 'they go'} with the label in these images. Elsewhere that can be otherwise.`,
        ]
      : []),
    ...(having(border, 'encoded')
      ? ['The margin of the images says something of the label, and far less than whole images do.']
      : []),
  ].join(' ');
}
