import { GraftError } from '../../../contract/errors.ts';
import { projectFolder } from '../context.ts';
import { withHint } from './train.ts';

/**
 * Does what goes on with `--resume` after a stop: when it ends early, the sentence says how.
 *
 * @param command such as `sweep`
 * @param work says its number as soon as it has one
 */
export async function resumable(
  command: string,
  flags: { resume?: number; project?: string },
  work: (begun: (id: number) => void) => Promise<void>,
): Promise<void> {
  let resume = flags.resume;
  try {
    await work((id) => (resume = id));
  } catch (thrown) {
    if (resume === undefined) throw thrown;
    const project = flags.project ?? projectFolder(flags.project);
    throw withHint(GraftError.from(thrown), `graft ${command} --resume ${resume} -p ${project}`);
  }
}
