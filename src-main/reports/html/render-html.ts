import type { ReportModel } from '../../contract/report.ts';
import { reportSections } from '../sections/index.ts';
import { blocksToHtml } from './blocks-html.ts';
import { Html, html } from './html.ts';
import { STYLE } from './style.ts';

/**
 * The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere. Light, dark and
 * A4 paper.
 */
export function renderHtml(model: ReportModel): string {
  const sections = reportSections(model);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
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
                Written by Graft ${model.environment.graft} on ${model.createdAt.slice(0, 10)}.
                <strong>For research use only</strong>: not a medical device, not for diagnosis.
              </p>
            </header>
            ${sections.map(
              ({ id, title, blocks }) =>
                html`<section
                  id="${id}"
                  ${id === 'summary' ? new Html(' class="summary"') : ''}
                  aria-labelledby="${id}-title"
                >
                  <h2 id="${id}-title">${title}</h2>
                  ${blocksToHtml(blocks)}
                </section>`,
            )}
          </main>
        </div>
      </body>
    </html> `;
  return page.text;
}
