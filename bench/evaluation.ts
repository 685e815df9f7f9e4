/**
 * How long intervals take: the bootstrap by patient of accuracy, macro F1, macro AUC, Brier score and expected calibration error together, and the
 * jackknife that BCa intervals need beside it.
 *
 *     node bench/evaluation.ts [--images 10000] [--classes 5] [--patients 2500] [--replicates 2000]
 */
import {
  bcaInterval,
  bootstrapPatients,
  classifierMetricNames,
  classifierMetrics,
  jackknifePatients,
  percentileInterval,
} from '../src-main/evaluation/resampling/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';
import { flags, load } from './side-by-side.ts';

const { images, classes, patients, replicates } = flags({
  images: 10_000,
  classes: 5,
  patients: 2_500,
  replicates: 2_000,
});
const random = new RandomStream(1, 'bench');
const labels = Int32Array.from({ length: images }, () => random.integer(classes));
const probabilities = Array.from(labels, (label) => {
  const raw = Float64Array.from({ length: classes }, (_, k) =>
    Math.exp(random.normal() + Number(k === label)),
  );
  const sum = raw.reduce((total, value) => total + value, 0);
  return raw.map((value) => value / sum);
});
const patientOf = Int32Array.from(labels, (_, i) => i % patients);

console.log(
  `${images} predictions of ${classes} classes, ${patients} patients, ${replicates} replicates; ${load()} before`,
);
/** Prints how long something took, and how much of a core's time: on a busy machine the two are far apart. */
function timed<T>(name: string, work: () => T): T {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - start) / 1e3).toFixed(2);
  console.log(`  ${name.padEnd(11)} ${seconds} s, ${((user + system) / 1e6).toFixed(2)} s of one core`);
  return result;
}

const statistic = timed('preparation', () => classifierMetrics(labels, probabilities, patientOf, classes));
const { point, replicates: samples } = timed('bootstrap', () =>
  bootstrapPatients(statistic, patients, { replicates }),
);
const leftOut = timed('jackknife', () => jackknifePatients(statistic, patients));
classifierMetricNames.forEach((name, k) => {
  const shown = [percentileInterval(samples[k]), bcaInterval(point[k], samples[k], leftOut[k])].map(
    (interval) => (interval ? `${interval.low.toFixed(4)}–${interval.high.toFixed(4)}` : 'none'),
  );
  console.log(`  ${name.padEnd(11)} ${point[k].toFixed(4)}   percentile ${shown[0]}   BCa ${shown[1]}`);
});
