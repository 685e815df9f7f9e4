import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type RunSummary } from '../../src-main/app/index.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
import { sha256 } from '../../src-main/platform/files.ts';
import { sampleProject, type SampleProject } from './sample-project.ts';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));
const FOLDS = 3;

/** Each test goes on from the one before: one training that is killed twice. */
describe('an ensemble whose training is killed', () => {
  const app = createApp();
  let sample: SampleProject;
  let undisturbed: number;
  let killed: number;
  const learnedOnce = new Map<number, unknown>();
  beforeAll(async () => {
    sample = await sampleProject();
    const whole = await ended(trainEnsemble());
    expect(whole.code, whole.stderr).toBe(0);
    undisturbed = ensembles().at(-1)!;
  }, 180_000);
  afterAll(() => sample.remove());

  test('within its second member has its first one, and the epochs of the second', async () => {
    await killWhen(trainEnsemble(), (members) => doneOf(members) === 1 && members[1].epochs.length >= 2);
    killed = ensembles().at(-1)!;
    expect(killed).not.toBe(undisturbed);
    const members = membersOf(killed);
    expect(members.map(({ run }) => run.state === 'done')).toEqual([true, false, false]);
    learnedOnce.set(1, traceOf(members[0]));
  }, 120_000);

  test('goes on, and may be killed again between its second and its third', async () => {
    await killWhen(resume(), (members) => doneOf(members) === 2);
    const members = membersOf(killed);
    // The third may have begun in the moment between looking and killing; it has not ended.
    expect(members.map(({ run }) => run.state === 'done')).toEqual([true, true, false]);
    expect(traceOf(members[0])).toEqual(learnedOnce.get(1));
    learnedOnce.set(2, traceOf(members[1]));
  }, 120_000);

  test('ends as the one that nothing disturbed, and trains no finished member again', async () => {
    const end = await ended(resume());
    expect(end.stderr).not.toContain('Error');
    expect(end.code).toBe(0);
    const members = membersOf(killed);
    expect(members.map(({ run }) => run.state)).toEqual(['done', 'done', 'done']);
    expect(traceOf(members[0])).toEqual(learnedOnce.get(1));
    expect(traceOf(members[1])).toEqual(learnedOnce.get(2));
    const wanted = membersOf(undisturbed);
    members.forEach((member, at) => {
      expect(weightsOf(member), `fold ${at + 1}`).toBe(weightsOf(wanted[at]));
      expect(member.epochs.map(figures)).toEqual(wanted[at].epochs.map(figures));
    });
    // The folds are others, each with weights of its own.
    expect(new Set(members.map(weightsOf)).size).toBe(FOLDS);
    expect(outOfFold(killed)).toEqual(outOfFold(undisturbed));
  }, 120_000);

  const graft = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const trainEnsemble = (): ChildProcess =>
    graft(
      ...['train', '-p', sample.project, '--only', 'fine-tuned', '--weights', sample.model, '--size', '32'],
      ...[
        '--folds',
        String(FOLDS),
        '--epochs',
        '6',
        '--head-epochs',
        '1',
        '--patience',
        '6',
        '--threads',
        '1',
      ],
      ...['--freeze', 'full'],
    );
  const resume = (): ChildProcess => graft('train', '--resume', String(killed), '-p', sample.project);

  const ensembles = (): number[] =>
    app.listRuns(sample.project).flatMap(({ run }) => (run.config.folds === null ? [] : [run.id]));
  const membersOf = (ensemble: number): RunSummary[] =>
    app
      .listRuns(sample.project)
      .filter(({ member }) => member?.ensembleId === ensemble)
      .sort((a, b) => a.member!.fold - b.member!.fold);
  const doneOf = (members: readonly RunSummary[]): number =>
    members.filter(({ run }) => run.state === 'done').length;

  /** Kills a training once what is in the database of its members is so. */
  async function killWhen(
    child: ChildProcess,
    so: (members: readonly RunSummary[]) => boolean,
  ): Promise<void> {
    const end = ended(child);
    const known = ensembles();
    for (;;) {
      const newest = killed ?? ensembles().find((id) => !known.includes(id));
      const members = newest === undefined ? [] : membersOf(newest);
      if (members.length === FOLDS && so(members)) break;
      if (child.exitCode !== null) throw new Error(`ended too early: ${(await end).stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    expect((await end).signal).toBe('SIGKILL');
  }

  /** What tells whether a member was trained again: when it ended, and how long each of its epochs took. */
  const traceOf = ({ run, epochs }: RunSummary): unknown => [
    run.finishedAt,
    epochs.map(({ seconds }) => seconds),
  ];
  const figures = (epoch: RunSummary['epochs'][number]) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 });
  const weightsOf = ({ run }: RunSummary): string =>
    sha256(readFileSync(join(sample.project, 'runs', String(run.id), 'model', 'weights.safetensors')));
  function outOfFold(ensemble: number): unknown {
    const { db, close } = openProjectForReading(sample.project);
    const { id } = listEvaluations(db, ensemble).find(({ setName }) => setName === 'out-of-fold')!;
    const found = listPredictions(db, id).map(({ instanceId, probabilities }) => [
      instanceId,
      ...probabilities,
    ]);
    close();
    return found;
  }
});

async function ended(child: ChildProcess) {
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout!.resume();
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stderr };
}
