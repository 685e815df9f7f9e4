import { createSplit } from '../../cohort/index.ts';
import type { SplitPreview } from '../../contract/calls/plans.ts';
import type { SplitOptions } from '../../contract/dataset.ts';
import { transaction } from '../../store/index.ts';
import type { Desk } from './desk.ts';

class Preview extends Error {
  readonly split: SplitPreview;

  constructor(split: SplitPreview) {
    super('preview');
    this.split = split;
  }
}

/**
 * How patients would be dealt, by dealing them and taking it back: the same code, and nothing stored.
 *
 * @throws GraftError what `createSplit` throws
 */
export function previewSplit({ session: { project } }: Desk, options: SplitOptions): SplitPreview {
  try {
    transaction(project.db, () => {
      const { classes, counts, leftOut } = createSplit(project, options);
      throw new Preview({ classes, counts, leftOut });
    });
  } catch (thrown) {
    if (thrown instanceof Preview) return thrown.split;
    throw thrown;
  }
  throw new Error('The preview came to nothing.');
}
