import type { ReportModel } from '../../contract/report.ts';
import { paragraph, pointer, soft, table, type Text, warning } from '../blocks.ts';
import { answerAll, type Checklist } from '../checklists/checklist.ts';
import { CLAIM_2024 } from '../checklists/claim-2024.ts';
import { TRIPOD_AI } from '../checklists/tripod-ai.ts';
import type { Section, SectionMaker } from '../section.ts';

/** Both checklists, item by item, each answered from the records or left to the author. Last in the report. */
export const checklistSections: SectionMaker = (model) =>
  [CLAIM_2024, TRIPOD_AI].map((checklist) => checklistSection(checklist, model));

export function checklistSection(checklist: Checklist, model: ReportModel): Section {
  const answers = answerAll(checklist, model);
  const count = (state: string): number => answers.filter((one) => one.state === state).length;
  return {
    id: checklist.id,
    title: `Checklist: ${checklist.name}`,
    blocks: [
      paragraph(
        `Of ${answers.length} items the records answer ${count('answered')} and a part of ${count('partly')}; ${count('author')} are the author’s to complete. An answer says what is recorded, not that it is enough.`,
      ),
      paragraph(checklist.source, 'soft'),
      table(
        `${checklist.name}, item by item.`,
        ['Item', 'Asks for', 'Answer'],
        answers.map(({ number, part, asks, state, text, section }) => [
          number,
          [soft(`${part}\n`), asks],
          answerText(state, text, section),
        ]),
        { prose: true },
      ),
    ],
  };
}

function answerText(state: string, text: string, section: string | null): Text {
  if (state === 'author') return [warning('Author to complete: '), text];
  return section === null ? text : [`${text} `, pointer(section, `→ ${section}`)];
}
