import type { ShownExplanation } from '../../../src-main/contract/calls/explanations.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { ExplainableLayer, ExplanationMethod } from '../../../src-main/contract/explanation.ts';
import type { Job } from '../../../src-main/contract/job.ts';
import { GraftError as Failure } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** An image of a run that is to be explained. */
export interface ImageToExplain {
  runId: number;
  instanceId: number;
  frameIndex: number;
  /** Null: what the model finds likeliest. */
  classIndex: number | null;
}

/** What the explanation shows: a map of one image, by a method, at a layer, of a class. */
export class ImageExplanation {
  readonly image: ImageToExplain;
  #method = $state<ExplanationMethod>('gradcam');
  #layer = $state<string | null>(null);
  #classIndex = $state<number | null>(null);
  #layers = $state.raw<readonly ExplainableLayer[]>([]);
  #shown = $state.raw<ShownExplanation | null>(null);
  #failure = $state<GraftError | null>(null);
  #jobId = $state<number | null>(null);
  /** What that job was asked for. */
  #making = '';

  constructor(image: ImageToExplain) {
    this.image = image;
    this.#classIndex = image.classIndex;
  }

  get method(): ExplanationMethod {
    return this.#method;
  }

  /** Null: the last one. */
  get layer(): string | null {
    return this.#layer;
  }

  get classIndex(): number | null {
    return this.#classIndex ?? this.#shown?.explanation.classIndex ?? null;
  }

  get layers(): readonly ExplainableLayer[] {
    return this.#layers;
  }

  get shown(): ShownExplanation | null {
    return this.#shown;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** The job that makes a map or checks it; null where none does. */
  get jobId(): number | null {
    return this.#jobId;
  }

  async load(): Promise<void> {
    try {
      this.#layers = await ask('explanations.layers', { runId: this.image.runId });
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
    await this.#show();
  }

  chooseMethod(method: ExplanationMethod): Promise<void> {
    this.#method = method;
    return this.#show();
  }

  chooseLayer(layer: string | null): Promise<void> {
    this.#layer = layer;
    return this.#show();
  }

  chooseClass(classIndex: number): Promise<void> {
    this.#classIndex = classIndex;
    return this.#show();
  }

  /** Draws weights anew and compares. */
  check(): Promise<void> {
    return this.#make(true);
  }

  /** Told of jobs: when its own has ended, what it made is shown. */
  async hear(job: Job | undefined): Promise<void> {
    if (!job || job.id !== this.#jobId || job.state === 'queued' || job.state === 'running') return;
    this.#jobId = null;
    if (job.state === 'done') return this.#show(false);
    // Another map that is looked at meanwhile has not failed.
    if (job.error && this.#isAsked(this.#making)) this.#failure = Failure.fromRecord(job.error);
  }

  get #query() {
    const { runId, instanceId, frameIndex } = this.image;
    const layer = this.#method === 'occlusion' ? null : this.#layer;
    return { runId, instanceId, frameIndex, method: this.#method, layer, classIndex: this.#classIndex };
  }

  /** @param make where it was not made before */
  async #show(make = true): Promise<void> {
    const query = this.#query;
    this.#failure = null;
    try {
      const found = await ask('explanations.find', query);
      if (!this.#isAsked(JSON.stringify(query))) return;
      this.#shown = found;
      if (!found && make) await this.#make(false);
    } catch (thrown) {
      if (this.#isAsked(JSON.stringify(query))) this.#failure = failureOf(thrown);
    }
  }

  /** Whether that is still what a person looks at. */
  #isAsked(query: string): boolean {
    return query === JSON.stringify(this.#query);
  }

  async #make(check: boolean): Promise<void> {
    const query = this.#query;
    const making = JSON.stringify(query);
    try {
      const { id } = await ask('explanations.make', { ...query, check });
      // Of two that were asked for, the later one is waited for.
      if (!this.#isAsked(making)) return;
      [this.#jobId, this.#making] = [id, making];
    } catch (thrown) {
      if (this.#isAsked(making)) this.#failure = failureOf(thrown);
    }
  }
}
