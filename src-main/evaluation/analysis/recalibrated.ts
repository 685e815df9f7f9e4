import {
  type CalibrationOfTarget,
  type FittedModel,
  recalibrationMethods,
  type RecalibrationMethod,
  type RecalibrationResult,
} from '../../contract/analysis.ts';
import { calibrate, calibrateFindings } from '../calibration.ts';
import { twoSidedP, twoSidedZ } from '../distributions/normal.ts';
import {
  adaptiveCalibrationError,
  calibrationSlope,
  reliabilityCurve,
  spiegelhalterZ,
} from '../metrics/index.ts';
import { applyIsotonic, applyPlatt, applyTemperature, logitsOf } from '../recalibration/index.ts';
import { type Cases, type Target, targetsOf } from './cases.ts';
import { logOddsOf, twoLogits } from './fit.ts';

/** Probabilities of each class or finding, put right. */
function applied(
  method: RecalibrationMethod,
  fitted: FittedModel,
  rows: readonly ArrayLike<number>[],
  multiLabel: boolean,
): ArrayLike<number>[] {
  if (method === 'none') return [...rows];
  if (method === 'temperature' && !multiLabel)
    return applyTemperature(logitsOf(rows), fitted.temperatures[0]);
  const classes = rows[0]?.length ?? 0;
  const columns = Array.from({ length: classes }, (_, k): ArrayLike<number> => {
    const column = rows.map((row) => row[k]);
    if (method === 'temperature')
      return applyTemperature(twoLogits(column), fitted.temperatures[k]).map(([, there]) => there);
    if (method === 'platt') return applyPlatt(fitted.platt[k], logOddsOf(column));
    const { scores, probabilities } = fitted.isotonic![k];
    return applyIsotonic(
      { scores: Float64Array.from(scores), probabilities: Float64Array.from(probabilities) },
      column,
    );
  });
  return rows.map((_, i) => {
    const row = columns.map((column) => column[i]);
    if (multiLabel) return row;
    const sum = row.reduce((total, value) => total + value, 0);
    return row.map((value) => (sum === 0 ? 1 / classes : value / sum));
  });
}

const digits = (value: number): string => String(Number(value.toPrecision(4)));

function fittedText(method: RecalibrationMethod, fitted: FittedModel): string[] {
  if (method === 'temperature') return fitted.temperatures.map(digits);
  if (method === 'platt')
    return fitted.platt.map(({ slope, offset }) => `slope ${digits(slope)}, offset ${digits(offset)}`);
  if (method === 'isotonic') return fitted.isotonic!.map(({ scores }) => `${scores.length} points`);
  return [];
}

/**
 * How far probabilities can be trusted as they are, and after each recalibration that validation data fitted.
 *
 * @param fitted null: only as they are
 */
export function recalibrations(
  cases: Cases,
  classes: readonly string[],
  multiLabel: boolean,
  fitted: FittedModel | null,
): RecalibrationResult[] {
  const rows = cases.predictions.map(({ probabilities }) => probabilities);
  const methods = recalibrationMethods.filter(
    (method) => method === 'none' || (fitted && (method !== 'isotonic' || fitted.isotonic)),
  );
  return methods.map((method) => {
    const probabilities = fitted ? applied(method, fitted, rows, multiLabel) : rows;
    const { expectedCalibrationError, brier, logLoss, bins } = stated(cases, probabilities, multiLabel);
    return {
      method,
      fitted: fitted ? fittedText(method, fitted) : [],
      ece: expectedCalibrationError,
      ace: adaptiveError(cases, probabilities, classes, multiLabel),
      brier,
      logLoss,
      bins,
    };
  });
}

const stated = (
  { predictions }: Cases,
  probabilities: readonly ArrayLike<number>[],
  multiLabel: boolean,
): ReturnType<typeof calibrate> =>
  multiLabel
    ? calibrateFindings(
        predictions.map(({ findings }) => findings!),
        probabilities,
      )
    : calibrate(
        predictions.map(({ label }) => label),
        probabilities,
      );

function adaptiveError(
  cases: Cases,
  probabilities: readonly ArrayLike<number>[],
  classes: readonly string[],
  multiLabel: boolean,
): number {
  if (!multiLabel) {
    const labels = cases.predictions.map(({ label }) => label);
    return adaptiveCalibrationError(labels, probabilities, classes.length);
  }
  const gaps = targetsOf(cases, classes).flatMap(({ positive, places }, k) =>
    reliabilityCurve(
      places.map((i) => probabilities[i][k]),
      positive,
      { binning: 'mass' },
    ).map(({ accuracy, confidence }) => Math.abs(accuracy - confidence)),
  );
  return gaps.length === 0 ? 0 : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
}

/** What the stated probabilities of one class or finding are worth. Cases count as independent in the errors. */
export function calibrationOf({ name, scores, positive }: Target): CalibrationOfTarget {
  const fit = calibrationSlope(positive, scores);
  const z = spiegelhalterZ(positive, scores);
  const half = fit ? twoSidedZ(0.95) * fit.slopeError : 0;
  return {
    target: name,
    slope: fit?.slope ?? null,
    slopeRange: fit ? { low: fit.slope - half, high: fit.slope + half } : null,
    inTheLarge: fit?.inTheLarge ?? null,
    observedToExpected: fit?.observedToExpected ?? null,
    pValue: z === null ? null : twoSidedP(z),
  };
}
