/** How stated probabilities of one condition relate to what came true. */
export interface CalibrationSlope {
  /** 1 is right; below 1 probabilities are too extreme, above not extreme enough. */
  slope: number;
  intercept: number;
  /** Standard errors; cases count as independent. */
  slopeError: number;
  interceptError: number;
  /** The intercept where the slope is held at 1: 0 is right, above 0 the condition is more frequent than stated. */
  inTheLarge: number;
  /** Cases that have the condition for each that was expected: 1 is right. */
  observedToExpected: number;
}

/** No calibration of use is as steep: only data that one threshold separates. */
const STEEPEST = 1e3;

/**
 * Calibration slope, intercept and calibration in the large, as TRIPOD+AI asks for (Cox 1958; Van Calster et al. 2019): a logistic regression of the outcome
 * on the log odds that were stated, by Newton's method.
 *
 * @param positive for each case whether it has the condition
 * @param probabilities of the condition; 0 and 1 count as the nearest single-precision number that is neither
 * @returns null where a side is absent, all probabilities are equal, or one threshold separates the sides: no slope is finite then
 */
export function calibrationSlope(
  positive: ArrayLike<boolean>,
  probabilities: ArrayLike<number>,
): CalibrationSlope | null {
  const n = probabilities.length;
  const observed = Array.from(positive).filter(Boolean).length;
  if (observed === 0 || observed === n) return null;
  const smallest = 2 ** -23;
  const odds = Float64Array.from(probabilities, (p) => {
    const inside = Math.min(1 - smallest, Math.max(smallest, p));
    return Math.log(inside / (1 - inside));
  });
  const fit = fitLogistic(odds, positive);
  if (!fit) return null;
  const expected = Array.from(probabilities).reduce((sum, p) => sum + p, 0);
  return { ...fit, inTheLarge: fitOffset(odds, observed), observedToExpected: observed / expected };
}

/** Newton's method with halved steps on the two coefficients; null where it does not come to an end. */
function fitLogistic(
  odds: Float64Array,
  positive: ArrayLike<boolean>,
): Omit<CalibrationSlope, 'inTheLarge' | 'observedToExpected'> | null {
  const lossAt = (slope: number, intercept: number): number =>
    odds.reduce((sum, x, i) => {
      const u = (intercept + slope * x) * (positive[i] ? -1 : 1);
      return sum + Math.max(0, u) + Math.log1p(Math.exp(-Math.abs(u)));
    }, 0);
  let [slope, intercept] = [0, 0];
  let loss = lossAt(slope, intercept);
  for (let step = 0; step < 100; step++) {
    let [gs, gi, hss, hsi, hii] = [0, 0, 0, 0, 0];
    odds.forEach((x, i) => {
      const p = 1 / (1 + Math.exp(-(intercept + slope * x)));
      const weight = p * (1 - p);
      gs += (Number(positive[i]) - p) * x;
      gi += Number(positive[i]) - p;
      hss += weight * x * x;
      hsi += weight * x;
      hii += weight;
    });
    const determinant = hss * hii - hsi * hsi;
    if (!(determinant > 1e-12 * hss * hii)) return null;
    const [ds, di] = [(hii * gs - hsi * gi) / determinant, (hss * gi - hsi * gs) / determinant];
    if (Math.abs(ds) + Math.abs(di) < 1e-10 * (1 + Math.abs(slope) + Math.abs(intercept))) {
      const errors = {
        slopeError: Math.sqrt(hii / determinant),
        interceptError: Math.sqrt(hss / determinant),
      };
      return { slope, intercept, ...errors };
    }
    let size = 1;
    // Near the end losses differ by rounding alone.
    const most = loss * (1 + 1e-12);
    while (size > 1e-8 && lossAt(slope + size * ds, intercept + size * di) > most) size /= 2;
    [slope, intercept] = [slope + size * ds, intercept + size * di];
    loss = lossAt(slope, intercept);
    if (Math.abs(slope) > STEEPEST) return null;
  }
  return null;
}

/** The shift of all log odds that makes as many expected as were observed: Newton's steps, halving where one would leave what is left of the range. */
function fitOffset(odds: Float64Array, observed: number): number {
  let low = -50;
  let high = 50;
  let offset = 0;
  for (let step = 0; step < 100; step++) {
    let expected = 0;
    let slope = 0;
    for (const x of odds) {
      const p = 1 / (1 + Math.exp(-(x + offset)));
      expected += p;
      slope += p * (1 - p);
    }
    if (expected < observed) low = offset;
    else high = offset;
    const newton = offset + (observed - expected) / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - offset) < 1e-13 * (1 + Math.abs(offset))) return next;
    offset = next;
  }
  return offset;
}

/**
 * Spiegelhalter's test of calibration (1986): z = Σ(y − p)(1 − 2p) / √Σ(1 − 2p)²p(1 − p), normal where probabilities are right. Null where the
 * divisor is 0: no cases, or none but 0, ½ and 1.
 */
export function spiegelhalterZ(
  positive: ArrayLike<boolean>,
  probabilities: ArrayLike<number>,
): number | null {
  let sum = 0;
  let variance = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i];
    sum += (Number(positive[i]) - p) * (1 - 2 * p);
    variance += (1 - 2 * p) ** 2 * p * (1 - p);
  }
  return variance === 0 ? null : sum / Math.sqrt(variance);
}
