import type { ReportModel } from '../contract/report.ts';
import { html, Html } from './html.ts';
import {
  dataSection,
  limitationsSection,
  modelSection,
  reproducibilitySection,
  summarySection,
  trainingSection,
} from './sections.ts';
import { resultSection } from './result-section.ts';
import type { Section } from './section.ts';
import { STYLE } from './style.ts';

/**
 * The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere. Light, dark and
 * A4 paper.
 */
export function renderHtml(model: ReportModel): string {
  const sections: Section[] = [
    summarySection(model),
    ...model.results.map(resultSection),
    dataSection(model),
    modelSection(model),
    trainingSection(model),
    reproducibilitySection(model),
    limitationsSection(model),
  ];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${model.title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <div class="page">
          <nav aria-label="Contents">
            <ol>
              ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ol>
          </nav>
          <main>
            <header>
              <h1>${model.title}</h1>
              <p class="soft">
                Written by Graft ${model.environment.graft} on ${model.createdAt.slice(0, 10)}. A research
                tool, not a medical device.
              </p>
            </header>
            ${sections.map(
              ({ id, title, body }) =>
                html`<section
                  id="${id}"
                  ${id === 'summary' ? new Html(' class="summary"') : ''}
                  aria-labelledby="${id}-title"
                >
                  <h2 id="${id}-title">${title}</h2>
                  ${body}
                </section>`,
            )}
          </main>
        </div>
      </body>
    </html> `;
  return page.text;
}

/** The same as data, keys in a fixed order, so that equal reports are equal files. */
export function renderJson(model: ReportModel): string {
  return `${JSON.stringify(model, sortKeys, 2)}\n`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
