export { renderHtml } from './html/render-html.ts';
export { renderPdf } from './pdf/render-pdf.ts';
export { renderJson } from './render-json.ts';
export { summarise, verdict } from './summary.ts';
