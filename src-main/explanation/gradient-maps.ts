import { GraftError } from '../contract/errors.ts';
import type { CompiledProgram, Parameters } from '../engine/index.ts';
import { type Model, outputLayer, outputShapes, sharesOneOutput } from '../models/index.ts';
import { gradCam, gradCamPlusPlus } from './grad-cam.ts';
import { layerGradientProgram } from './layer-gradients.ts';
import { chosenLayer } from './layers.ts';
import type { ActivationMap, MapContext, MapRequest, Target } from './target.ts';

const BATCH = 8;

/** Makes maps by gradients, again and again; with `parameters` that may change in between. */
export class GradientMaps {
  readonly #compiled: CompiledProgram;
  readonly #model: Model;
  readonly #method: MapRequest['method'];
  readonly #context: MapContext;
  readonly #units: number;
  readonly #batch: number;

  private constructor(
    compiled: CompiledProgram,
    model: Model,
    method: MapRequest['method'],
    context: MapContext,
    units: number,
    batch: number,
  ) {
    this.#compiled = compiled;
    this.#model = model;
    this.#method = method;
    this.#context = context;
    this.#units = units;
    this.#batch = batch;
  }

  /**
   * @param targets how many there will be at the most
   * @param parameters read afresh at each run. Default: the model's own, which then must not change
   * @throws GraftError `layer-unknown`, `layer-missing`
   */
  static async open(
    model: Model,
    { method, layer = null }: MapRequest,
    context: MapContext,
    targets: number,
    parameters?: Parameters,
  ): Promise<GradientMaps> {
    const { network } = model;
    const units = outputShapes(network).get(outputLayer(network).name)![0];
    const batch = Math.min(BATCH, targets);
    const program = layerGradientProgram(model, chosenLayer(network, layer), units, batch);
    const compiled = await context.executor.compile(
      program,
      parameters ?? model.parameters,
      parameters ? {} : { constants: 'all' },
    );
    return new GradientMaps(compiled, model, method, context, units, batch);
  }

  async of(targets: readonly Target[], onDone: (count: number) => void = () => {}): Promise<ActivationMap[]> {
    const { images, signal } = this.#context;
    const size = images.height * images.width * images.channels;
    const make = this.#method === 'gradcam++' ? gradCamPlusPlus : gradCam;
    const maps: ActivationMap[] = [];
    for (let start = 0; start < targets.length; start += this.#batch) {
      await new Promise(setImmediate);
      if (signal?.aborted) throw GraftError.cancelled('The explanation');
      const group = targets.slice(start, start + this.#batch);
      const image = new Float32Array(this.#batch * size);
      const selection = new Float32Array(this.#batch * this.#units);
      group.forEach(({ sample, classIndex }, at) => {
        images.read(sample.cacheIndex, image, at * size);
        const [unit, sign] = unitOf(this.#model, this.#units, classIndex);
        selection[at * this.#units + unit] = sign;
      });
      const { activations, gradient } = await this.#compiled.run({ image, selection });
      const [, rows, columns, channels] = activations.shape;
      const length = rows * columns * channels;
      for (let at = 0; at < group.length; at++) {
        const [from, to] = [at * length, (at + 1) * length];
        const values = make(activations.data.subarray(from, to), gradient.data.subarray(from, to), channels);
        maps.push({ rows, columns, values });
      }
      onDone(group.length);
    }
    return maps;
  }

  dispose(): Promise<void> {
    return this.#compiled.dispose();
  }
}

/** Which of the head's numbers speaks for a class, and whether it does so by being large or small. */
const unitOf = (model: Model, units: number, classIndex: number): [number, 1 | -1] =>
  sharesOneOutput(model, units) ? [0, classIndex === 1 ? 1 : -1] : [classIndex, 1];
