import type { EvaluationTable, MetricName, RocCurve } from '../contract/evaluation.ts';
import { Html, html } from './html.ts';
import { approachName, share } from './format.ts';

/** Okabe and Ito's colours, which colour-blind readers tell apart; each goes with a dash of its own. */
const STROKES = [
  'class="s0"',
  'class="s1" stroke-dasharray="7 3"',
  'class="s2" stroke-dasharray="2 3"',
  'class="s3" stroke-dasharray="9 3 2 3"',
  'class="s4" stroke-dasharray="4 2"',
  'class="s5" stroke-dasharray="12 3"',
];

const raw = (text: string): Html => new Html(text);

export interface Line {
  name: string;
  points: readonly (readonly [number, number])[];
}

export interface Axes {
  x: string;
  y: string;
  xRange: readonly [number, number];
  yRange: readonly [number, number];
  /** What the drawing shows, for those who cannot see it. */
  label: string;
  diagonal?: boolean;
  /** A vertical mark at this x, with a word. */
  mark?: { x: number; name: string };
}

const WIDTH = 460;
const HEIGHT = 300;
const LEFT = 52;
const BOTTOM = 42;
const TOP = 14;
const RIGHT = 14;

/** Round steps for an axis, about five of them. */
export function ticks([low, high]: readonly [number, number]): number[] {
  const span = high - low || 1;
  const rough = span / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough)!;
  const list: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9; at += step)
    list.push(Number(at.toFixed(10)));
  return list;
}

/** Lines over two axes, with a legend of names and dashes. */
export function lineChart(lines: readonly Line[], axes: Axes): Html {
  const x = (value: number): number =>
    LEFT + ((value - axes.xRange[0]) / (axes.xRange[1] - axes.xRange[0] || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT -
    BOTTOM -
    ((value - axes.yRange[0]) / (axes.yRange[1] - axes.yRange[0] || 1)) * (HEIGHT - BOTTOM - TOP);
  const point = ([u, v]: readonly [number, number]): string =>
    `${x(u).toFixed(1)},${y(Math.max(axes.yRange[0], Math.min(axes.yRange[1], v))).toFixed(1)}`;
  const grid = [
    ...ticks(axes.xRange).map(
      (at) =>
        html`<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" /><text
            x="${x(at)}"
            y="${HEIGHT - BOTTOM + 16}"
            text-anchor="middle"
            >${at}</text
          >`,
    ),
    ...ticks(axes.yRange).map(
      (at) =>
        html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(at)}" y2="${y(at)}" /><text
            x="${LEFT - 7}"
            y="${y(at) + 4}"
            text-anchor="end"
            >${at}</text
          >`,
    ),
  ];
  const mark =
    axes.mark &&
    html`<line
        class="mark"
        x1="${x(axes.mark.x)}"
        x2="${x(axes.mark.x)}"
        y1="${TOP}"
        y2="${HEIGHT - BOTTOM}"
      /><text x="${x(axes.mark.x) + 4}" y="${TOP + 10}">${axes.mark.name}</text>`;
  const diagonal =
    axes.diagonal && html`<line class="mark" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" />`;
  return html`<div class="chart">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${axes.label}">
      ${grid}${diagonal}${mark}
      ${lines.map(({ points }, i) => html`<polyline fill="none" ${raw(STROKES[i % STROKES.length])} points="${points.map(point).join(' ')}" />`)}
      <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${axes.x}</text>
      <text transform="translate(12 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">
        ${axes.y}
      </text>
    </svg>
    ${legend(lines.map(({ name }) => name))}
  </div>`;
}

function legend(names: readonly string[]): Html {
  return html`<ul class="legend">
    ${names.map(
      (name, i) =>
        html`<li>
          <svg viewBox="0 0 34 10" aria-hidden="true">
            <line x1="1" x2="33" y1="5" y2="5" ${raw(STROKES[i % STROKES.length])} /></svg
          >${name}
        </li>`,
    )}
  </ul>`;
}

/** Models as rows, a metric's value as a dot with its interval as a bar. */
export function forestPlot(evaluation: EvaluationTable, metric: MetricName, label: string): Html {
  const row = 34;
  const left = 168;
  const width = 640;
  const height = evaluation.models.length * row + 40;
  const x = (value: number): number => left + value * (width - left - 120);
  return html`<svg class="wide" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
    ${[0, 0.25, 0.5, 0.75, 1].map((at) => html`<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="6" y2="${height - 30}" /><text x="${x(at)}" y="${height - 12}" text-anchor="middle">${at}</text>`)}
    ${evaluation.models.map(({ approach, metrics }, i) => {
      const { value, low, high } = metrics[metric];
      const y = i * row + 22;
      const strong = approach === 'fine-tuned' ? 'own' : 'other';
      return html`<text x="${left - 12}" y="${y + 4}" text-anchor="end">${approachName(approach, evaluation.multiLabel)}</text>${
        value !== null &&
        html`${low !== null && high !== null && html`<line class="interval ${strong}" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" />`}<circle
              class="${strong}"
              cx="${x(value)}"
              cy="${y}"
              r="5.5"
            />`
      }<text x="${width - 4}" y="${y + 4}" text-anchor="end"
          >${low === null || high === null ? share(value) : `${share(value)} (${share(low)}–${share(high)})`}</text
        >`;
    })}
  </svg>`;
}

/** The confusion matrix as a heat map; every cell has its number, so colour only helps. */
export function confusionChart(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
  label: string,
): Html {
  const longest = Math.max(...classes.map((name) => name.length));
  const left = Math.min(170, 30 + longest * 7);
  const cell = Math.max(58, Math.min(110, 330 / classes.length));
  const width = left + classes.length * cell + 10;
  const height = classes.length * cell + 62;
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${label}"
    style="max-width:${width}px"
  >
    ${confusion.map((row, i) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return html`<text x="${left - 8}" y="${30 + (i + 0.5) * cell + 4}" text-anchor="end"
          >${shorten(classes[i], 20)}</text
        >${row.map((count, j) => {
          const part = total === 0 ? 0 : count / total;
          return html`<g
            ><rect
              class="cell"
              x="${left + j * cell}"
              y="${30 + i * cell}"
              width="${cell - 2}"
              height="${cell - 2}"
              rx="3"
              style="--part:${part.toFixed(3)}"
            /><text
              class="${part > 0.5 ? 'on' : ''}"
              x="${left + (j + 0.5) * cell - 1}"
              y="${30 + (i + 0.5) * cell + 1}"
              text-anchor="middle"
              >${count}</text
            ><text
              class="small ${part > 0.5 ? 'on' : ''}"
              x="${left + (j + 0.5) * cell - 1}"
              y="${30 + (i + 0.5) * cell + 15}"
              text-anchor="middle"
              >${Math.round(part * 100)} %</text
            ></g
          >`;
        })}`;
    })}
    ${classes.map((name, j) => html`<text x="${left + (j + 0.5) * cell}" y="20" text-anchor="middle">${shorten(name, Math.floor(cell / 7))}</text>`)}
    <text x="${left + (classes.length * cell) / 2}" y="${height - 12}" text-anchor="middle">
      predicted class (columns); true class (rows)
    </text>
  </svg>`;
}

export const rocChart = (roc: readonly RocCurve[], label: string): Html =>
  lineChart(
    roc.map((curve) => ({ name: curve.class, points: curve.points })),
    {
      x: 'false positive rate',
      y: 'true positive rate',
      xRange: [0, 1],
      yRange: [0, 1],
      label,
      diagonal: true,
    },
  );

/** Bars with their counts, most frequent first. */
export function countBars(values: readonly { name: string; count: number }[]): Html {
  const most = Math.max(1, ...values.map(({ count }) => count));
  return html`<ul class="bars">
    ${values.map(
      ({ name, count }) =>
        html`<li>
          <span class="name">${name}</span
          ><span class="bar"><i style="width:${((100 * count) / most).toFixed(1)}%"></i></span
          ><span class="count">${count}</span>
        </li>`,
    )}
  </ul>`;
}

export const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, Math.max(1, length - 1))}…` : text;
