import {
  type AveragedMetricName,
  averagedMetricNames,
  averageNames,
  type AverageName,
  type FurtherMetricName,
  type MetricName,
} from '../../contract/evaluation.ts';
import { predictedClass } from '../classification.ts';
import type { WeightedStatistic } from './bootstrap.ts';
import { type ClassAreas, ClassRanking } from './class-ranking.ts';
import { PatientSums } from './patient-sums.ts';

const BINS = 10;
/** As `calibrate` clips. */
const SMALLEST = 2 ** -23;

const overall = [
  'accuracy',
  'balancedAccuracy',
  'precision',
  'recall',
  'f1',
  'auc',
  'matthews',
  'kappa',
  'aucOneVersusOne',
  'averagePrecision',
  'brier',
  'logLoss',
  'expectedCalibrationError',
] as const satisfies readonly (MetricName | FurtherMetricName)[];
type OverallName = (typeof overall)[number];

const ofClass = [...averagedMetricNames, 'auc', 'averagePrecision'] as const;
type OfClass = (typeof ofClass)[number];

/** Where each value stands in what the statistic gives. */
export interface FullMetricLayout {
  overall: (name: OverallName) => number;
  average: (average: AverageName, name: AveragedMetricName) => number;
  ofClass: (k: number, name: OfClass) => number;
  /** How many classes have a case. */
  present: number;
}

/**
 * Every metric of a classifier of several classes, and of each class against the rest, for any resample of patients. What does not change between
 * resamples is computed once: scores are sorted, and the areas of all classes and of all pairs of classes are one pass each. NaN where a
 * value is not defined; the adaptive calibration error, whose bins move with the resample, is not among them.
 *
 * @param labels class of each case
 * @param probabilities for each case one value for each class
 * @param patientOf for each case its patient, from 0
 */
export function fullMetrics(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  patientOf: Int32Array,
  classes: number,
): { statistic: WeightedStatistic; layout: FullMetricLayout } {
  const scores = new Scores(labels, probabilities, patientOf, classes);
  const averagesAt = overall.length;
  const classesAt = averagesAt + averageNames.length * averagedMetricNames.length;
  const layout: FullMetricLayout = {
    overall: (name) => overall.indexOf(name),
    average: (average, name) =>
      averagesAt +
      averageNames.indexOf(average) * averagedMetricNames.length +
      averagedMetricNames.indexOf(name),
    ofClass: (k, name) => classesAt + k * ofClass.length + ofClass.indexOf(name),
    present: classesAt + classes * ofClass.length,
  };
  const values = new Float64Array(layout.present + 1);
  const set = (name: OverallName, value: number): void => {
    values[overall.indexOf(name)] = value;
  };
  const support = new Float64Array(classes);
  const called = new Float64Array(classes);
  const averageAt = averageNames.map((average) => layout.average(average, 'precision'));
  return {
    layout,
    statistic: (counts) => {
      const { cells, brier, logLoss, calibrationError } = scores.tally(counts);
      let hits = 0;
      let total = 0;
      support.fill(0);
      called.fill(0);
      for (let k = 0; k < classes; k++) {
        hits += cells[k * classes + k];
        for (let other = 0; other < classes; other++) {
          const count = cells[k * classes + other];
          support[k] += count;
          called[other] += count;
          total += count;
        }
      }
      let present = 0;
      let seen = 0;
      let [recalls, byChance, ofLabels, ofCalls] = [0, 0, 0, 0];
      const sums = [0, 0, 0, 0];
      const weighted = [0, 0, 0, 0];
      let negatives = 0;
      let [auc, precision] = [0, 0];
      for (let k = 0; k < classes; k++) {
        const own = cells[k * classes + k];
        const at = layout.ofClass(k, 'precision');
        values[at] = ratio(own, called[k]);
        values[at + 1] = ratio(own, support[k]);
        values[at + 2] = ratio(total - support[k] - called[k] + own, total - support[k]);
        values[at + 3] = ratio(2 * own, support[k] + called[k]);
        byChance += support[k] * called[k];
        ofLabels += support[k] * support[k];
        ofCalls += called[k] * called[k];
        if (support[k] > 0) {
          present++;
          recalls += values[at + 1];
        }
        if (support[k] + called[k] > 0) {
          seen++;
          negatives += total - support[k];
          for (let m = 0; m < 4; m++) {
            sums[m] += values[at + m];
            weighted[m] += support[k] * values[at + m];
          }
        }
        const areas = scores.areasOf(k, counts, support[k], total);
        values[at + 4] = areas.auc;
        values[at + 5] = areas.averagePrecision;
        auc += areas.auc;
        precision += areas.averagePrecision;
      }
      // Of counts added up over classes every false alarm is another's miss.
      const micro = ratio(hits, total);
      const rejections = ratio(negatives - (total - hits), negatives);
      for (let m = 0; m < 4; m++) {
        values[averageAt[0] + m] = ratio(sums[m], seen);
        values[averageAt[1] + m] = m === 2 ? rejections : micro;
        values[averageAt[2] + m] = ratio(weighted[m], total);
      }
      set('accuracy', micro);
      set('balancedAccuracy', ratio(recalls, present));
      set('precision', values[averageAt[0]]);
      set('recall', values[averageAt[0] + 1]);
      set('f1', values[averageAt[0] + 3]);
      // NaN where labels or calls are all of one class.
      set(
        'matthews',
        (hits * total - byChance) / Math.sqrt((total * total - ofLabels) * (total * total - ofCalls)),
      );
      set('kappa', (hits * total - byChance) / (total * total - byChance));
      const binary = classes === 2 ? layout.ofClass(1, 'auc') : -1;
      set('auc', binary < 0 ? auc / classes : values[binary]);
      set('averagePrecision', binary < 0 ? precision / classes : values[binary + 1]);
      set('aucOneVersusOne', binary < 0 ? scores.pairArea(support) : values[binary]);
      set('brier', brier / total);
      set('logLoss', logLoss / total);
      set('expectedCalibrationError', calibrationError / total);
      values[layout.present] = present;
      return values;
    },
  };
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** What of a model's answers stays the same in all resamples. */
class Scores {
  /** By true class (row) and called class (column). */
  readonly #confusion: PatientSums;
  readonly #gapOfBin: PatientSums;
  readonly #squares: PatientSums;
  readonly #losses: PatientSums;
  readonly #rankings: ClassRanking[];

  constructor(
    labels: ArrayLike<number>,
    probabilities: readonly ArrayLike<number>[],
    patientOf: Int32Array,
    classes: number,
  ) {
    const cases = probabilities.length;
    const cells = new Int32Array(cases);
    const bins = new Int32Array(cases);
    const gaps = new Float64Array(cases);
    const squares = new Float64Array(cases);
    const losses = new Float64Array(cases);
    probabilities.forEach((row, i) => {
      const best = predictedClass(row);
      cells[i] = labels[i] * classes + best;
      bins[i] = Math.min(BINS - 1, Math.floor(row[best] * BINS));
      gaps[i] = Number(best === labels[i]) - row[best];
      for (let k = 0; k < classes; k++) squares[i] += (row[k] - Number(labels[i] === k)) ** 2;
      losses[i] = -Math.log(Math.min(1 - SMALLEST, Math.max(SMALLEST, row[labels[i]])));
    });
    this.#confusion = new PatientSums(cells, patientOf, classes * classes);
    this.#gapOfBin = new PatientSums(bins, patientOf, BINS, gaps);
    const all = new Uint8Array(cases);
    this.#squares = new PatientSums(all, patientOf, 1, squares);
    this.#losses = new PatientSums(all, patientOf, 1, losses);
    this.#rankings = Array.from(
      { length: classes },
      (_, k) =>
        new ClassRanking(
          Float64Array.from(probabilities, (row) => row[k]),
          labels,
          patientOf,
          k,
          classes,
        ),
    );
  }

  /** Sums over the resample; errors are not yet divided by its size. */
  tally(counts: Float64Array): {
    cells: Float64Array;
    brier: number;
    logLoss: number;
    calibrationError: number;
  } {
    let calibrationError = 0;
    for (const gap of this.#gapOfBin.of(counts)) calibrationError += Math.abs(gap);
    return {
      cells: this.#confusion.of(counts),
      brier: this.#squares.of(counts)[0],
      logLoss: this.#losses.of(counts)[0],
      calibrationError,
    };
  }

  areasOf(k: number, counts: Float64Array, positives: number, total: number): ClassAreas {
    return this.#rankings[k].areas(counts, positives, total);
  }

  /** The mean over pairs of classes (Hand and Till 2001) of the resample that `areasOf` was last asked about; NaN as soon as one class is absent. */
  pairArea(support: Float64Array): number {
    let sum = 0;
    let pairs = 0;
    for (let a = 0; a < support.length; a++) {
      for (let b = 0; b < a; b++) {
        sum += (this.#rankings[a].won[b] + this.#rankings[b].won[a]) / (4 * support[a] * support[b]);
        pairs++;
      }
    }
    return sum / pairs;
  }
}
