import { type Blocks, heading, list, paragraph } from '../blocks.ts';
import { approachName } from '../format.ts';
import type { SectionMaker } from '../section.ts';
import { summarise } from '../summary.ts';

export const summarySection: SectionMaker = ({ results: all, runs }) => {
  // Patients who chose the epoch prove nothing: they have their section, and no word here.
  const results = all.filter(({ setName }) => setName !== 'validation');
  const notes = runs.flatMap(({ approach, diagnosis }) =>
    diagnosis ? [`${approachName(approach)}: ${diagnosis}`] : [],
  );
  const blocks: Blocks = [
    results.map(({ description, table }) => [
      heading(description),
      summarise(table).map((sentence) => paragraph(sentence)),
    ]),
    results.length === 0 &&
      paragraph('No set has been evaluated yet; this report describes data and training only.'),
    notes.length > 0 && [heading('What the curves say'), list(notes)],
  ];
  return [{ id: 'summary', title: 'Summary', blocks }];
};
