import type { AuditEntry, AuditKind } from '../contract/audit.ts';

type Payload = AuditEntry['payload'];

const counted = (number: unknown, one: string, several = `${one}s`): string =>
  `${String(number)} ${number === 1 ? one : several}`;
const short = (hash: unknown): string => String(hash).slice(0, 12);

/** What an entry of the audit trail says, in one sentence. */
export function auditSentence({ kind, payload }: AuditEntry): string {
  return sentences[kind](payload);
}

const sentences: Record<AuditKind, (p: Payload) => string> = {
  begun: (p) =>
    `The trail begins; by then there were ${counted(p.instances, 'image')}, ${counted(p.labels, 'label')}, ${counted(p.runs, 'run')} and ${counted(p.openings, 'opening')} of held-out sets.`,
  import: (p) =>
    `Source ${String(p.source)} was imported${p.stopped ? ' in part' : ''}: ${counted(p.files, 'file')}, ${String(p.read)} read, ${String(p.refused)} refused; ${counted(p.images, 'image')} of ${counted(p.patients, 'patient')} then.`,
  labels: (p) => `${counted(p.changes, 'label')} of set ${String(p.labelSet)} changed${by(p.by)}.`,
  'source-removed': (p) =>
    `Source ${String(p.source)} was taken out, with ${counted(p.labels, 'label')} and ${counted(p.splitMembers, 'place')} in splits.`,
  split: (p) =>
    `Split ${String(p.split)} was made: ${counted(p.members, 'image')}, seed ${String(p.seed)}, hash ${short(p.hash)}.`,
  'model-arrived': (p) =>
    `A model of another project arrived as run ${String(p.run)}: run ${String(p.itsRun)} there, weights ${short(p.weights)}.`,
  'runs-created': (p) =>
    `Comparison ${String(p.comparison)} was planned on split ${String(p.split)}: ${runsOf(p.runs)}.`,
  'run-started': (p) => `Run ${String(p.run)} began.`,
  'run-finished': (p) => `Run ${String(p.run)} was finished.`,
  'run-stopped': (p) => `Run ${String(p.run)} ended ${String(p.state)} (${String(p.code)}).`,
  'runs-removed': (p) =>
    `${p.crossValidation !== undefined ? `Cross-validation ${String(p.crossValidation)}` : p.sweep === undefined ? `Comparison ${String(p.comparison)}` : `Sweep ${String(p.sweep)}`} was deleted, with its runs.`,
  evaluation: (p) =>
    `Run ${String(p.run)} predicted ${counted(p.images, 'image')} of ${String(p.set)}; predictions ${short(p.sha256)}.`,
  opening: (p) =>
    `The held-out set ${String(p.set)} of split ${String(p.split)} was opened for ${p.crossValidation !== undefined ? `cross-validation ${String(p.crossValidation)}` : p.comparison === null ? 'a capsule of another project' : `comparison ${String(p.comparison)}`}.`,
  'cross-validation': (p) => crossValidated(p),
  export: (p) => exported(p),
};

function by(names: unknown): string {
  return Array.isArray(names) && names.length > 0 ? ` by ${names.join(', ')}` : '';
}

function runsOf(runs: unknown): string {
  const list = runs as { run: number; approach: string }[];
  return list.map(({ run, approach }) => `run ${run} (${approach})`).join(', ');
}

function crossValidated(p: Payload): string {
  const which = `Cross-validation ${String(p.crossValidation)}`;
  if (p.what === 'finished') return `${which} was finished; result ${short(p.result)}.`;
  if (p.what === 'stopped') return `${which} ended ${String(p.state)} (${String(p.code)}).`;
  const folds = (p.folds as unknown[]).length;
  return `${which} was planned: ${counted(p.patients, 'patient')} of split ${String(p.split)} in ${counted(folds, 'fold')}.`;
}

const EXPORTS: Record<string, string> = {
  onnx: 'ONNX',
  tfjs: 'a model of TensorFlow.js',
  folder: 'a folder for inference',
  graft: 'a model for another project',
  dicom: 'DICOM',
  capsule: 'a study capsule',
  report: 'a report',
};

function exported(p: Payload): string {
  const what = EXPORTS[String(p.what)] ?? String(p.what);
  const subject = p.run === undefined ? `Comparison ${String(p.comparison)}` : `Run ${String(p.run)}`;
  const files = p.files === undefined ? '' : `, ${counted(p.files, 'file')}`;
  const identity =
    p.identified === undefined
      ? ''
      : p.identified
        ? ', with who the patients are'
        : ', without who the patients are';
  const sum = p.sha256 === undefined ? '' : `, SHA-256 ${short(p.sha256)}`;
  return `${subject} left as ${what}${files}${identity}${sum}.`;
}
