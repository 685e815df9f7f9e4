export { renderHtml } from './html/render-html.ts';
export { renderJson } from './render-json.ts';
export { summarise, verdict } from './summary.ts';
