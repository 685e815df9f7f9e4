import { type Blocks, heading, paragraph } from '../blocks.ts';
import { modelCard } from '../card/model-card.ts';
import type { SectionMaker } from '../section.ts';

/** The card as a chapter; what goes with the model alone is the Markdown file of the same content. */
export const modelCardSection: SectionMaker = (model) => {
  const blocks: Blocks = [
    paragraph('What should go with the model when it is handed on (Mitchell et al. 2019).', 'soft'),
    modelCard(model).map((part) => [heading(part.title), part.blocks]),
  ];
  return [{ id: 'model-card', title: 'Model card', blocks }];
};
