import type { AdaptationVerdict, DomainCounts, HeapEvidence } from '../../contract/adaptation-judgement.ts';
import { adaptationPapers, adaptationTitle } from '../../contract/adaptation-stages.ts';
import type { OriginFacts } from '../../contract/model-origin.ts';
import type { InstanceFilter } from '../../contract/instances.ts';
import type {
  ReportAdaptation,
  ReportAdaptedRun,
  ReportCandidate,
  ReportJudgement,
} from '../../contract/report-adaptation.ts';
import { type Blocks, facts, paragraph, table } from '../blocks.ts';
import { share, signed, whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';

const CHOSEN_BY: Record<ReportJudgement['selectedBy'], string> = {
  'as-it-came': 'caution',
  audit: 'the labels of an audit',
  'heap-accuracy': 'estimated accuracy',
  'info-max': 'InfoMax',
  entropy: 'entropy',
  density: 'soft neighbourhood density',
  'weighted-risk': 'importance-weighted risk',
  'embedded-risk': 'deep embedded validation',
};
const STATE: Record<AdaptationVerdict['state'], string> = {
  worse: 'worse',
  better: 'better',
  'no-difference': 'no difference found',
  unknown: 'not known',
};

/** From which images to which, by what methods, how the adapted models were judged without labels, and which is kept. */
export const adaptationSection: SectionMaker = ({ adaptation }) =>
  adaptation
    ? [{ id: 'adaptation', title: 'Adaptation to another domain', blocks: blocksOf(adaptation) }]
    : [];

function blocksOf({ origin, sourceRunId, domains, runs, judgement, audit }: ReportAdaptation): Blocks {
  const target = Object.keys(domains.target).length === 0 ? 'all images' : words(domains.target);
  const source = words(domains.source);
  return [
    paragraph(
      `Models were adapted from ${sourceRunId === null ? 'a run that was deleted since' : `run ${sourceRunId}`} to images whose labels took no part. Their results on labelled sets stand with the others.`,
    ),
    ...(origin ? [paragraph(originSentence(origin))] : []),
    facts([
      [
        'Source',
        origin
          ? 'In another project: no image of it was at hand'
          : source === ''
            ? 'All labelled training images of the split'
            : source,
      ],
      [
        'Target',
        `${target}${domains.share < 1 ? `; learned from are ${Math.round(100 * domains.share)} % of its patients` : ''}`,
      ],
    ]),
    table(
      'Adapted models, and the images that they learned from.',
      [
        'Method',
        'Run',
        'Source',
        'Target, without labels',
        'Left out: locked test patients',
        'Also judged by',
      ],
      runs.map(methodRow),
    ),
    ...(judgement
      ? judged(judgement)
      : [paragraph('Whether adapting helped was not judged (graft adapt judge).', 'warning')]),
    audit
      ? paragraph(
          `Audit: ${patients(audit.patients)} of the target were drawn by chance to be labelled, one image of each; ${whole(audit.labelled)} are.`,
        )
      : paragraph('No patients of the target were drawn to be labelled (graft adapt audit).', 'soft'),
  ];
}

/** The model by its hash and its split: a name or a path would say whose it is. */
function originSentence({
  run,
  graft,
  exportedAt,
  modelName,
  weights,
  splitHash,
  learned,
  adaptedBy,
}: OriginFacts): string {
  const adapted =
    adaptedBy.length === 0
      ? ''
      : `, and was adapted there by ${adaptedBy.map((method) => title(method)).join(', then ')}`;
  return `The model (${modelName}; SHA-256 of its weights ${weights}) was trained in another project, as its run ${run} on split ${splitHash.slice(0, 12)}${learned.images === 0 ? '' : ` of ${whole(learned.images)} training images of ${patients(learned.patients)}`}${adapted}. It left that project on ${exportedAt.slice(0, 10)}, written by Graft ${graft}; the images stayed.`;
}

const words = (filter: InstanceFilter): string =>
  Object.entries(filter)
    .map(([name, value]) => `${name === 'source' ? 'dataset' : name} ${[value].flat().join(' or ')}`)
    .join(', ');
const patients = (count: number): string => `${whole(count)} ${count === 1 ? 'patient' : 'patients'}`;
const counted = ({ images, patients: people }: DomainCounts): string =>
  images === 0 ? 'none' : `${whole(images)} of ${patients(people)}`;
const title = (method: string | null): string => (method === null ? 'Not adapted' : adaptationTitle(method));
const named = ({ method, strength }: Pick<ReportCandidate, 'method' | 'strength'>): string =>
  `${title(method)}${strength === null ? '' : ` × ${strength}`}`;

function methodRow({ runId, method, strength, facts: told }: ReportAdaptedRun): string[] {
  return [
    `${named({ method, strength })} (${adaptationPapers(method)})`,
    String(runId),
    counted(told.source),
    counted(told.target),
    counted(told.leftOut),
    counted(told.judged),
  ];
}

function judged({
  sourceAway = false,
  source,
  target,
  sentence,
  candidates,
  selectedBy,
  selected,
  kept,
}: ReportJudgement): Blocks[] {
  const alarms = candidates.filter(({ verdict }) => verdict?.alarm);
  const keptOne = candidates.find(({ runId }) => runId === kept.runId);
  const keeps = `Kept is run ${kept.runId}${keptOne ? ` (${named(keptOne)})` : ''}`;
  return [
    paragraph(sentence),
    table(
      sourceAway
        ? `Judged on ${whole(target.images)} images of the target (${patients(target.patients)}), whose labels were not read. Distances of the domains and estimated accuracy need images of the source, which stayed in another project; how often the model was right on ${whole(source.images)} validation images there came with it. Larger is better of InfoMax, smaller of entropy.`
        : `Judged on ${whole(source.images)} validation images of the source (${patients(source.patients)}) and ${whole(target.images)} images of the target (${patients(target.patients)}), whose labels were not read: distances of the domains in the model's features, and what validators without labels say. Proxy A-distance: 0 the domains cannot be told apart, 2 always. Larger is better of estimated accuracy and InfoMax, smaller of entropy.`,
      [
        'Model',
        'Run',
        'Right on source',
        'Proxy A-distance',
        'MMD² (p)',
        'Estimated accuracy',
        'InfoMax',
        'Entropy',
      ],
      candidates.map(figuresRow),
    ),
    table(
      'Against the model that was not adapted, on the target: change of accuracy with its interval (95 % by an audit’s labels, 90 % where it is estimated), and whether the alarm rings.',
      ['Model', 'By audit', 'Estimated', 'Verdict', 'Alarm', 'Why'],
      candidates.flatMap(verdictRow),
      { prose: true },
    ),
    paragraph(
      alarms.length === 0
        ? 'The alarm rang for none.'
        : `The alarm rang for ${alarms.map((one) => `run ${one.runId} (${named(one)})`).join(', ')}.`,
      alarms.length === 0 ? undefined : 'warning',
    ),
    paragraph(
      kept.by === 'person'
        ? `${keeps}, which a person decided${kept.runId === selected ? '' : `; the rule names run ${selected}, by ${CHOSEN_BY[selectedBy]}`}.`
        : selectedBy === 'as-it-came'
          ? `${keeps}, as it came: no label of the target speaks for another.`
          : `${keeps}, by ${CHOSEN_BY[selectedBy]} among those for which the alarm did not ring.`,
    ),
  ];
}

const figuresRow = (one: ReportCandidate): string[] => {
  const { distances, validators } = one;
  return [
    named(one),
    String(one.runId),
    share(one.sourceAccuracy),
    share(distances.proxyA),
    distances.mmd === null || distances.mmdP === null
      ? '–'
      : `${distances.mmd.toFixed(3)} (${distances.mmdP.toFixed(3)})`,
    share(validators.heapAccuracy),
    share(validators.infoMax),
    share(validators.entropy),
  ];
};

const change = (one: Pick<HeapEvidence, 'difference' | 'low' | 'high'> | null): string =>
  one === null ? '–' : `${signed(one.difference)} (${signed(one.low)} to ${signed(one.high)})`;

const verdictRow = (one: ReportCandidate): string[][] => {
  const { verdict, audit, heaps } = one;
  if (!verdict) return [];
  const why = [verdict.reason, ...verdict.causes].join(' ');
  return [
    [named(one), change(audit), change(heaps), STATE[verdict.state], verdict.alarm ? 'rings' : 'silent', why],
  ];
};
