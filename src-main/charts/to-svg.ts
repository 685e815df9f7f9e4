import { escapeMarkup } from './escape-markup.ts';
import { LIGHT } from './palette.ts';
import type { Fill, Mark, Paint, Scene, Stroke } from './scene.ts';

/** Which colour a role has: any value that CSS takes. */
export type Colours = (paint: Paint) => string;

/** Roles as variables of a style sheet: `--chart-ink`, `--chart-series-0` and so on, so that a drawing follows the theme. */
export const variables: Colours = (paint) => `var(--chart-${paint})`;
/** For files that stand alone. */
export const onPaper: Colours = (paint) => LIGHT[paint];

export interface SvgOptions {
  colours?: Colours;
  /** Attributes of the outermost element, already escaped; default its size in CSS pixels. */
  attributes?: string;
  /** A file of its own, which has to say that it is SVG. Default false: inside a page. */
  standalone?: boolean;
}

/** A scene as an SVG element, with its label for screen readers. Nothing in it needs a style sheet but what `colours` asks for. */
export function toSvg(
  { width, height, label, marks }: Scene,
  { standalone = false, colours = standalone ? onPaper : variables, attributes }: SvgOptions = {},
): string {
  const own = attributes ?? `width="${width}" height="${height}"`;
  const space = standalone
    ? ' xmlns="http://www.w3.org/2000/svg" font-family="Inter, Arial, sans-serif"'
    : '';
  return `<svg${space} viewBox="0 0 ${number(width)} ${number(height)}" role="img" aria-label="${escapeMarkup(label)}" ${own}>${marks.map((mark) => markToSvg(mark, colours)).join('')}</svg>`;
}

/** One mark as an element of SVG. */
export function markToSvg(mark: Mark, colours: Colours): string {
  switch (mark.kind) {
    case 'line':
      return `<line x1="${number(mark.x1)}" y1="${number(mark.y1)}" x2="${number(mark.x2)}" y2="${number(mark.y2)}"${strokeOf(mark.stroke, colours)}/>`;
    case 'path':
      return `<path d="${mark.d}"${fillOf(mark.fill, colours)}${strokeOf(mark.stroke, colours)}/>`;
    case 'rect':
      return `<rect x="${number(mark.x)}" y="${number(mark.y)}" width="${number(mark.width)}" height="${number(mark.height)}"${mark.radius ? ` rx="${number(mark.radius)}"` : ''}${fillOf(mark.fill, colours)}${strokeOf(mark.stroke, colours)}/>`;
    case 'circle':
      return `<circle cx="${number(mark.x)}" cy="${number(mark.y)}" r="${number(mark.radius)}"${fillOf(mark.fill, colours)}${strokeOf(mark.stroke, colours)}/>`;
    case 'text': {
      const anchor = mark.anchor && mark.anchor !== 'start' ? ` text-anchor="${mark.anchor}"` : '';
      const turned = mark.upright ? ` transform="rotate(-90 ${number(mark.x)} ${number(mark.y)})"` : '';
      const halo = mark.halo ? ` paint-order="stroke" stroke="${colours('paper')}" stroke-width="3"` : '';
      return `<text x="${number(mark.x)}" y="${number(mark.y)}" font-size="${number(mark.size)}"${anchor}${mark.bold ? ' font-weight="600"' : ''}${turned}${halo} fill="${colours(mark.paint)}">${escapeMarkup(mark.text)}</text>`;
    }
  }
}

function fillOf(fill: Fill | undefined, colours: Colours): string {
  if (!fill) return ' fill="none"';
  return ` fill="${colours(fill.paint)}"${fill.opacity === undefined ? '' : ` fill-opacity="${number(fill.opacity)}"`}`;
}

function strokeOf(stroke: Stroke | undefined, colours: Colours): string {
  if (!stroke) return '';
  const dash = stroke.dash && stroke.dash.length > 0 ? ` stroke-dasharray="${stroke.dash.join(' ')}"` : '';
  const opacity = stroke.opacity === undefined ? '' : ` stroke-opacity="${number(stroke.opacity)}"`;
  return ` stroke="${colours(stroke.paint)}" stroke-width="${number(stroke.width)}"${dash}${opacity} stroke-linejoin="round"`;
}

const number = (value: number): string => String(Math.round(value * 100) / 100);
