import { toSvg, type Scene } from '../../charts/index.ts';
import {
  type Block,
  type Blocks,
  flatten,
  type Inline,
  inlines,
  type Picture,
  type Text,
} from '../blocks.ts';
import { Html, html } from './html.ts';

/** Blocks of a section as HTML. */
export const blocksToHtml = (blocks: Blocks): Html => html`${flatten(blocks).map(blockToHtml)}`;

function blockToHtml(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return html`<h3>${block.text}</h3>`;
    case 'paragraph':
      return block.tone
        ? html`<p class="${block.tone}">${textToHtml(block.text)}</p>`
        : html`<p>${textToHtml(block.text)}</p>`;
    case 'list':
      return html`<ul class="notes">
        ${block.items.map((item) => html`<li>${textToHtml(item)}</li>`)}
      </ul>`;
    case 'facts':
      return html`<dl${block.short ? new Html(' class="short"') : ''}>
        ${block.entries.map(([name, value]) => html`<dt>${name}</dt><dd>${textToHtml(value)}</dd>`)}
      </dl>`;
    case 'table':
      return html`<div class="scroll">
        <table${block.prose ? new Html(' class="prose"') : ''}>
          <caption>${textToHtml(block.caption)}</caption>
          <thead><tr>${block.head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
          <tbody>${block.rows.map(([first, ...rest]) => html`<tr><th scope="row">${textToHtml(first)}</th>${rest.map((cell) => html`<td>${textToHtml(cell)}</td>`)}</tr>`)}</tbody>
        </table>
      </div>`;
    case 'figure':
      return figureToHtml(block.scene, block.caption);
    case 'figures':
      return html`<div class="pair">
        ${block.figures.map(({ scene, caption }) => figureToHtml(scene, caption))}
      </div>`;
    case 'picture':
      return pictureToHtml(block);
    case 'pictures':
      return html`<div class="pictures">${block.pictures.map(pictureToHtml)}</div>`;
  }
}

/** Drawn larger than on paper, where letters of eight points are enough. */
const SCALE = 1.6;

const figureToHtml = (scene: Scene, caption: Text): Html =>
  html`<figure>
    ${new Html(toSvg(scene, { attributes: `style="max-width:${Math.round(scene.width * SCALE)}px"` }))}
    <figcaption>${textToHtml(caption)}</figcaption>
  </figure>`;

const pictureToHtml = ({ png, width, height, label, caption }: Picture): Html =>
  html`<figure>
    <img src="data:image/png;base64,${png}" width="${width}" height="${height}" alt="${label}" />
    <figcaption>${textToHtml(caption)}</figcaption>
  </figure>`;

export const textToHtml = (text: Text): Html => html`${inlines(text).map(inlineToHtml)}`;

function inlineToHtml(one: Inline): Html {
  if (typeof one === 'string') return lines(one);
  if ('section' in one) return html`<a href="#${one.section}">${lines(one.text)}</a>`;
  return one.style === 'code'
    ? html`<code>${one.text}</code>`
    : html`<span class="${one.style}">${lines(one.text)}</span>`;
}

/** `\n` begins a new line. */
const lines = (text: string): Html =>
  html`${text.split('\n').map((line, at) => (at === 0 ? line : html`<br />${line}`))}`;
