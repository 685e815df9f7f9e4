/** What a report can be written as: `csv` is a folder of tables, `card` a model card in Markdown. */
export const reportFormats = ['html', 'pdf', 'json', 'csv', 'card'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** What is behind a report's number in the name of its file. */
export const REPORT_ENDINGS: Record<ReportFormat, string> = {
  html: '.html',
  pdf: '.pdf',
  json: '.json',
  csv: '-tables',
  card: '-model-card.md',
};
