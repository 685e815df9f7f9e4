import type { AnalysisSettings } from '../contract/analysis-settings.ts';
import { OUT_OF_FOLD } from '../contract/run.ts';
import type { AnalysisInput, JudgedImages } from '../evaluation/analysis/index.ts';
import { sha256 } from '../platform/files.ts';
import { groupsOfInstances, seriesOfInstances } from '../store/analysis-attributes.ts';
import type { ReadableDatabase } from '../store/index.ts';
import { counts, type StoredModel, type StoredSet } from './stored-sets.ts';

/** Turns stored sets into what an analysis needs: copies left out, each image with its series and its groups. */
export class AnalysisInputs {
  readonly #settings: AnalysisSettings;
  readonly #series: Map<number, string>;
  readonly #groups: { attribute: AnalysisSettings['subgroups'][number]; of: Map<number, string> }[];
  readonly #validation: readonly StoredModel[];

  /** @param sets all that are stored, the validation images among them */
  constructor(db: ReadableDatabase, settings: AnalysisSettings, sets: readonly StoredSet[]) {
    this.#settings = settings;
    this.#series = seriesOfInstances(db);
    this.#groups = settings.subgroups.map((attribute) => ({
      attribute,
      of: groupsOfInstances(db, attribute),
    }));
    this.#validation = sets.find(({ setName }) => setName === 'validation')?.models ?? [];
  }

  of(
    { setName, models }: StoredSet,
    classes: readonly string[],
    multiLabel: boolean,
  ): Omit<AnalysisInput, 'table'> {
    const validation = this.#validationOf(models);
    const images = models[0].predictions.filter(counts);
    return {
      classes,
      multiLabel,
      models: models.map(({ name, approach }) => ({ name, approach })),
      set: this.#judged(models),
      validation: validation && this.#judged(validation),
      fittedHere: setName === 'validation' || setName === OUT_OF_FOLD,
      groupings: this.#groups.map(({ attribute, of }) => ({
        attribute,
        groups: images.map(({ instanceId }) => (instanceId === null ? null : (of.get(instanceId) ?? null))),
      })),
      settings: this.#settings,
    };
  }

  /** Says from which predictions, and by which settings, a model's fit comes. */
  basisOf(name: string): string {
    const { unit, aggregation, threshold, miss } = this.#settings;
    const predictions = this.#validation.find((one) => one.name === name)?.predictions.filter(counts) ?? [];
    return sha256(
      JSON.stringify([
        { unit, aggregation, threshold, miss },
        predictions.map((one) => [one.patientKey, one.label, one.findings, [...one.probabilities]]),
      ]),
    );
  }

  /** The same models' validation answers; null where one has none. */
  #validationOf(models: readonly StoredModel[]): StoredModel[] | null {
    const found = models.flatMap(({ name }) => this.#validation.find((one) => one.name === name) ?? []);
    return found.length === models.length && found[0].predictions.some(counts) ? found : null;
  }

  #judged(models: readonly StoredModel[]): JudgedImages {
    const counting = models.map(({ predictions }) => predictions.filter(counts));
    return {
      predictions: counting.map((predictions) =>
        predictions.map(({ patientKey, label, findings, probabilities }) => ({
          patientKey,
          label,
          ...(findings ? { findings } : {}),
          probabilities,
        })),
      ),
      series: counting[0].map(({ instanceId }) =>
        instanceId === null ? null : (this.#series.get(instanceId) ?? null),
      ),
    };
  }
}
