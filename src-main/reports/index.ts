export { renderCard } from './card/render-card.ts';
export { csvText } from './csv/csv-text.ts';
export { csvTables } from './csv/tables.ts';
export { renderHtml } from './html/render-html.ts';
export { renderPdf } from './pdf/render-pdf.ts';
export { renderJson } from './render-json.ts';
export { summarise, verdict } from './summary.ts';
