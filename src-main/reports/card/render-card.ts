import type { ReportModel } from '../../contract/report.ts';
import { modelCard } from './model-card.ts';
import { blocksToMarkdown } from './to-markdown.ts';

/** Identifiers that Hugging Face knows; others are given by their name. */
const LICENCES = new Set([
  'apache-2.0',
  'mit',
  'bsd-2-clause',
  'bsd-3-clause',
  'cc-by-4.0',
  'cc-by-sa-4.0',
  'cc-by-nc-4.0',
  'cc0-1.0',
]);

/** The model card as Markdown with the front matter that Hugging Face reads. */
export function renderCard(model: ReportModel): string {
  const parts = modelCard(model).map(({ title, blocks }) => `## ${title}\n\n${blocksToMarkdown(blocks)}`);
  return `${frontMatter(model)}\n\n# Model card: ${model.title.replace(/[\r\n]+/g, ' ').replace(/([\\`*_[\]<>])/g, '\\$1')}\n\n${parts.join('\n\n')}\n`;
}

function frontMatter({ model }: ReportModel): string {
  const licence = model.licence.toLowerCase();
  return [
    '---',
    ...(LICENCES.has(licence)
      ? [`license: ${licence}`]
      : ['license: other', `license_name: ${JSON.stringify(model.licence)}`]),
    'pipeline_tag: image-classification',
    'tags:',
    ...['medical-imaging', 'transfer-learning', 'research-use-only', 'graft'].map((tag) => `  - ${tag}`),
    '---',
  ].join('\n');
}
