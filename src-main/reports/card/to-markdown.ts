import { type Block, type Blocks, flatten, type Inline, inlines, type Text } from '../blocks.ts';

/** Blocks as Markdown (CommonMark with tables); drawings are left to the report. */
export const blocksToMarkdown = (blocks: Blocks): string =>
  flatten(blocks)
    .map(blockToMarkdown)
    .filter((text) => text !== '')
    .join('\n\n');

function blockToMarkdown(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `### ${escape(block.text)}`;
    case 'paragraph':
      return inline(block.text);
    case 'list':
      return block.items.map((item) => `- ${inline(item)}`).join('\n');
    case 'facts':
      return block.entries.map(([name, value]) => `- **${escape(name)}:** ${inline(value)}`).join('\n');
    case 'table':
      return [
        inline(block.caption),
        '',
        row(block.head.map(cell)),
        row(block.head.map(() => '---')),
        ...block.rows.map((cells) => row(cells.map(cell))),
      ].join('\n');
    default:
      return '';
  }
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const cell = (text: Text): string => inline(text).replace(/\|/g, '\\|');
const inline = (text: Text): string => inlines(text).map(one).join('').replace(/\n/g, ' ');

function one(piece: Inline): string {
  if (typeof piece === 'string') return escape(piece);
  if ('section' in piece) return escape(piece.text);
  if (piece.style === 'code') return `\`${piece.text.replace(/`/g, '')}\``;
  return piece.style === 'strong' ? `**${escape(piece.text)}**` : escape(piece.text);
}

/** What would be markup, where a name or a sentence holds it. */
const escape = (text: string): string =>
  text.replace(/([\\`*_[\]<>])/g, '\\$1').replace(/^([#+-])/gm, '\\$1');
