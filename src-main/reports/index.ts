export { renderHtml, renderJson } from './render-html.ts';
export { summarise, verdict } from './summary.ts';
