import { adaptationTitle } from '../../contract/adaptation-stages.ts';
import type {
  AdaptationCandidate,
  AdaptationJudgement,
  StoredJudgement,
  TargetAudit,
} from '../../contract/adaptation-judgement.ts';
import { table } from './table.ts';

const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
const short = (value: number | null): string => (value === null ? '–' : String(Number(value.toPrecision(2))));

const titleOf = ({ method, strength }: AdaptationCandidate): string =>
  method === null ? 'not adapted' : `${adaptationTitle(method)}${strength === null ? '' : ` × ${strength}`}`;

const VALIDATORS: Record<AdaptationJudgement['selectedBy'], string> = {
  audit: 'the labels of the audit',
  'as-it-came': 'caution',
  'heap-accuracy': 'accuracy estimated without labels',
  'info-max': 'InfoMax',
  entropy: 'entropy',
  density: 'soft neighbourhood density',
  'weighted-risk': 'importance-weighted validation',
  'embedded-risk': 'deep embedded validation',
};

const AS_IT_CAME =
  'No label of the target speaks for another yet, and SHOT learns to raise what InfoMax measures.';

/** How far apart, whether it helped, what rang, and what is kept. */
export function judgementText({ judgement, kept }: StoredJudgement): string {
  const { candidates, target, sentence, selectedBy } = judgement;
  const rows = candidates.map((one) => [
    one.runId,
    titleOf(one) + (one.runId === kept.runId ? ' (kept)' : ''),
    short(one.view.distances.proxyA),
    short(one.view.distances.mmd),
    short(one.view.distances.coral),
    percent(one.view.validators.heapAccuracy),
    short(one.view.validators.infoMax),
    short(one.view.validators.entropy),
    short(one.view.validators.density),
    short(one.view.validators.embeddedRisk),
    percent(one.view.sourceAccuracy),
    one.verdict === null ? '' : one.verdict.alarm ? 'ALARM' : one.verdict.state.replace('-', ' '),
  ]);
  const head = [
    'run',
    'model',
    'A-distance',
    'MMD²',
    'CORAL',
    'estimated',
    'InfoMax',
    'entropy',
    'density',
    'DEV risk',
    'on source',
    'verdict',
  ];
  return [
    `${sourceWords(judgement)}${target.images} images of ${target.patients} patients of the target. ${sentence}`,
    '',
    table(head, rows),
    '',
    ...candidates.flatMap(verdictText),
    kept.by === 'person'
      ? `Kept by hand: run ${kept.runId}.`
      : selectedBy === 'as-it-came'
        ? `Kept: run ${kept.runId}, as it came. ${AS_IT_CAME} Another one: graft adapt keep RUN.`
        : `Kept: run ${kept.runId}, by ${VALIDATORS[selectedBy]} among those for which no alarm rang. Another one: graft adapt keep RUN.`,
    'Validators see no label: one that calls every image the same surely has the best entropy and density, InfoMax likes classes that are equally frequent, and',
    'weighted risks know nothing of images unlike any of the source. An audit (graft adapt audit) is worth more than all of them.',
  ].join('\n');
}

/** Where the source's images are in another project, counts of them may have come with the model. */
function sourceWords({ source, sourceAway }: AdaptationJudgement): string {
  if (!sourceAway) return `${source.images} validation images of ${source.patients} patients of the source, `;
  const counted =
    source.images > 0
      ? `${source.images} validation images of the source were counted there`
      : 'nothing of the source was counted';
  return `The images that the model learned from stayed in another project: distances and estimates that need them are not given (${counted}). Looked at were `;
}

function verdictText(candidate: AdaptationCandidate): string[] {
  const { verdict, runId } = candidate;
  if (!verdict) return [];
  const lines = [`Run ${runId}, ${titleOf(candidate)}: ${verdict.reason}`];
  if (verdict.alarm) lines.push(`  Negative transfer. ${[...verdict.causes, verdict.advice].join(' ')}`);
  else if (verdict.state === 'unknown') lines.push(`  ${verdict.advice}`);
  return lines;
}

/** What there is to label. */
export function auditText({ instanceIds, labelled, detectable, sourceRunId }: TargetAudit): string {
  const open = instanceIds.length - labelled;
  return [
    `Audit of the target of run ${sourceRunId}: ${instanceIds.length} patients, one image of each; ${labelled} have a label.`,
    detectable === null
      ? 'So few find no difference at all with a power of 80 %.'
      : `So many find a difference of ${(100 * detectable).toFixed(0)} points with a power of 80 %, where exactly one model is right in a quarter of the patients.`,
    open > 0
      ? `Label the other ${open} (--list FILE.csv writes what to fill in; graft label reads it), then: graft adapt judge.`
      : 'Judge with them: graft adapt judge.',
  ].join('\n');
}
