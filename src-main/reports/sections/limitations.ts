import { list, type Blocks } from '../blocks.ts';
import type { SectionMaker } from '../section.ts';

export const limitationsSection: SectionMaker = ({ limitations }) => {
  const blocks: Blocks = list(limitations);
  return [{ id: 'limitations', title: 'Limitations', blocks }];
};
