import { layerMap, type LayerState } from '../../charts/index.ts';
import type { ReportModel, ReportRun } from '../../contract/report.ts';
import { type Blocks, code, facts, figure, heading, paragraph, type Text } from '../blocks.ts';
import { shortHash, whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';
import { continuedFacts } from './continued-facts.ts';

export const modelSection: SectionMaker = ({ model, runs, split }) => {
  const tuned = runs.find(({ approach }) => approach === 'fine-tuned');
  const entries: [string, Text][] = [
    ['Network', model.title],
    ...weightFacts(model),
    ['Pre-trained on', model.sourceTask ?? 'nothing: random weights'],
    ...(model.continued ? continuedFacts(model.continued) : []),
    ['Licence', model.licence],
    ['SHA-256 of the weights', model.sha256 ? code(model.sha256) : 'not recorded'],
    ['Answers', answersText(split, tuned ?? runs[0])],
    ...(tuned?.result
      ? ([
          [
            'Weights',
            `${whole(tuned.result.parameters.total)}, of which ${whole(tuned.result.parameters.trainable)} learn`,
          ],
        ] as [string, Text][])
      : []),
  ];
  return [
    {
      id: 'model',
      title: 'Model and freeze map',
      blocks: [facts(entries), tuned && tuned.freezeMap.length > 0 && freezeMap(tuned)],
    },
  ];
};

function weightFacts({ weights }: ReportModel['model']): [string, Text][] {
  if (!weights) return [];
  const { title, format, source, preprocessing } = weights;
  return [
    ['Starting weights', `${title}${format ? `, ${format}` : ''}`],
    ['From', source],
    ...(preprocessing ? ([['Images prepared as', `“${preprocessing}”`]] as [string, Text][]) : []),
  ];
}

/** What the head's numbers are turned into. */
export function answersText(
  { multiLabel, classes }: ReportModel['split'],
  run: ReportRun | undefined,
): string {
  if (multiLabel) return 'a probability for each finding, whatever the others are (a sigmoid each)';
  return run?.config.head.output === 'sigmoid'
    ? `one probability, of ${classes[1]} (a sigmoid); the rest to 1 is ${classes[0]}`
    : 'one class of several, their probabilities adding up to 1 (a softmax)';
}

type Layer = ReportRun['freezeMap'][number];

const stateOf = ({ parameters, trainable }: Layer): LayerState =>
  parameters === 0 ? 'none' : trainable ? 'learns' : 'frozen';

function freezeMap({ freezeMap: layers, result }: ReportRun): Blocks {
  const stages = [...Map.groupBy(layers, ({ stage }) => stage)].map(([name, own]) => ({
    name,
    note: `${stageText(own)} · ${whole(own.reduce((sum, { parameters }) => sum + parameters, 0))} weights · output ${own.at(-1)!.outputShape.join(' × ')}`,
    layers: own.map(stateOf),
  }));
  const scene = layerMap({
    label: `Freeze map: ${stages.map(({ name, note }) => `${name} ${note.split(' · ')[0]}`).join('; ')}`,
    stages,
  });
  const proof = result?.frozen;
  return [
    heading('Freeze map'),
    figure(scene, 'Each box is a layer, from the image (above) to the answer.'),
    proof &&
      paragraph([
        proof.unmoved
          ? 'Proof that frozen weights did not move: their SHA-256 before and after training is the same, '
          : proof.before === proof.after
            ? 'Weights MOVED while they were frozen, in a part of the training; of those that never learn the SHA-256 before and after is the same, '
            : 'Frozen weights MOVED: their SHA-256 differs before and after, ',
        code(`${shortHash(proof.before)}…`),
        ' and ',
        code(`${shortHash(proof.after)}…`),
        '.',
      ]),
  ];
}

/** "frozen", "2 layers learn, 3 frozen" */
function stageText(layers: readonly Layer[]): string {
  const count = (state: LayerState): number => layers.filter((layer) => stateOf(layer) === state).length;
  const [learning, frozen] = [count('learns'), count('frozen')];
  if (learning === 0) return frozen === 0 ? 'no weights' : 'frozen';
  return frozen === 0 ? 'learns' : `${learning} layers learn, ${frozen} frozen`;
}
