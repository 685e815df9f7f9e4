import type { CheckKind, StoredCheck } from '../../../src-main/contract/checks.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** The checks of one run as they were made last. */
export class RunChecks {
  readonly runId: number;
  #checks = $state.raw<readonly StoredCheck[]>([]);
  #failure = $state<GraftError | null>(null);

  constructor(runId: number) {
    this.runId = runId;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** @param setName of failures: the set that they are about */
  of<Kind extends CheckKind>(kind: Kind, setName: string | null = null): StoredCheck<Kind> | null {
    const found = this.#checks.find((one) => one.kind === kind && one.setName === setName);
    return (found as StoredCheck<Kind> | undefined) ?? null;
  }

  async load(): Promise<void> {
    try {
      this.#checks = await ask('checks.list', { runId: this.runId });
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  async run(kind: CheckKind, set?: string): Promise<void> {
    this.#failure = null;
    try {
      await ask('checks.run', { runId: this.runId, kind, ...(set === undefined ? {} : { set }) });
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }
}
