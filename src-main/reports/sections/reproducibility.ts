import { code, facts, heading, paragraph, type Text } from '../blocks.ts';
import { whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';

export const reproducibilitySection: SectionMaker = ({
  environment,
  seeds,
  exported,
  createdAt,
  project,
}) => [
  {
    id: 'reproducibility',
    title: 'Reproducibility',
    blocks: [
      facts([
        ['Project', project],
        ['Report written', createdAt],
        ['Graft', environment.graft],
        ['Node.js', environment.node],
        ['Machine', `${environment.cpu}, ${environment.cores} cores, ${environment.platform}`],
        ...Object.entries(environment.packages).map(([name, version]): [string, Text] => [name, version]),
        ...seeds.map(({ name, value }): [string, Text] => [`Seed: ${name}`, String(value)]),
      ]),
      heading('Exported model'),
      exported
        ? facts([
            ['File', exported.path],
            ['SHA-256', code(exported.sha256)],
            [
              'Checked',
              `largest difference from the trainer’s probabilities ${exported.largestDifference.toExponential(1)} on ${whole(exported.imagesCompared)} images`,
            ],
          ])
        : paragraph('The model has not been exported.'),
    ],
  },
];
