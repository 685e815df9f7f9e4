/**
 * How long a full evaluation takes: the table with all its metrics, averages, classes and BCa intervals by patient, then its analysis (thresholds,
 * recalibration and prediction sets from validation data of a fifth of the size, tests, images, series and patients, subgroups by three
 * attributes). One set of predictions, and four approaches beside one another. Then what the page computes while a slider moves.
 *
 *     node bench/evaluation.ts [--images 10000] [--classes 5] [--patients 2500] [--replicates 2000]
 */
import { analysisSettings } from '../src-main/contract/analysis-settings.ts';
import type { ScoredPrediction } from '../src-main/contract/evaluation.ts';
import { approaches } from '../src-main/contract/run.ts';
import { analyse, type Grouping } from '../src-main/evaluation/analysis/index.ts';
import { evaluateModels } from '../src-main/evaluation/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';
import { netBenefit } from '../src-renderer/screens/evaluate/benefit.ts';
import { LiveGroups } from '../src-renderer/screens/evaluate/live-groups.ts';
import { OperatingPoints } from '../src-renderer/screens/evaluate/operating.ts';
import { flags, load } from './side-by-side.ts';

const { images, classes, patients, replicates } = flags({
  images: 10_000,
  classes: 5,
  patients: 2_500,
  replicates: 2_000,
});
const names = Array.from({ length: classes }, (_, k) => `class ${k}`);

/** Predictions of a model that is the better the more its skill; a patient's images share one class. */
function predictions(count: number, seed: number, skill: number): ScoredPrediction[] {
  const random = new RandomStream(seed, 'bench');
  return Array.from({ length: count }, (_, i): ScoredPrediction => {
    const patient = i % patients;
    const label = patient % classes;
    const raw = names.map((_, k) => Math.exp(random.normal() + skill * Number(k === label)));
    const sum = raw.reduce((total, value) => total + value, 0);
    return {
      patientKey: `patient ${patient}`,
      label,
      probabilities: Float32Array.from(raw, (value) => value / sum),
    };
  });
}

/** Each patient belongs to one of so many groups. */
function grouping(attribute: Grouping['attribute'], groups: number): Grouping {
  const random = new RandomStream(3, 'groups', attribute);
  const ofPatient = Array.from({ length: patients }, () => `group ${random.integer(groups)}`);
  return { attribute, groups: Array.from({ length: images }, (_, i) => ofPatient[i % patients]) };
}

/** Prints how long something took, and how much of a core's time: on a busy machine the two are far apart. */
function timed<T>(name: string, work: () => T): T {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - start) / 1e3).toFixed(2);
  console.log(`  ${name.padEnd(22)} ${seconds} s, ${((user + system) / 1e6).toFixed(2)} s of one core`);
  return result;
}

function evaluation(chosen: readonly (typeof approaches)[number][]): void {
  const models = chosen.map((approach, m) => ({
    name: approach,
    approach,
    predictions:
      approach === 'majority'
        ? predictions(images, 0, 0).map((one) => ({ ...one, probabilities: names.map(() => 1 / classes) }))
        : predictions(images, m + 1, 1),
  }));
  const fifth = Math.ceil(images / 5);
  const none = (count: number): null[] => Array<null>(count).fill(null);
  timed('all of it', () => {
    const table = timed('table', () => evaluateModels({ classes: names, models, replicates }));
    const { analysis } = timed('analysis', () =>
      analyse({
        classes: names,
        multiLabel: false,
        models: models.map(({ name, approach }) => ({ name, approach })),
        set: { predictions: models.map((one) => one.predictions), series: none(images) },
        validation: {
          predictions: models.map((_, m) => predictions(fifth, m + 20, 1)),
          series: none(fifth),
        },
        fittedHere: false,
        groupings: [grouping('PatientSex', 2), grouping('AgeBand', 4), grouping('Manufacturer', 3)],
        settings: analysisSettings.parse({}),
        table,
      }),
    );
    const { accuracy, auc } = table.models[table.models.length - 1].metrics;
    for (const [name, one] of Object.entries({ accuracy, auc }))
      console.log(
        `  ${name.padEnd(22)} ${one.value?.toFixed(4)} (${one.low?.toFixed(4)} to ${one.high?.toFixed(4)}, ${one.method}); ${analysis.tests.length} tests, ${analysis.subgroups.length} subgroup tables`,
      );
  });
}

console.log(
  `${images} predictions of ${classes} classes, ${patients} patients, ${replicates} replicates; ${load()} before`,
);
console.log('One model:');
evaluation(['fine-tuned']);
console.log('Four approaches:');
evaluation(approaches);

const scored = predictions(images, 1, 1).map(({ patientKey, label, probabilities }, at) => ({
  at,
  instanceId: at,
  frameIndex: 0,
  pseudonym: patientKey,
  label,
  predicted: 0,
  confidence: 1,
  probabilities: Array.from(probabilities),
}));
const attribute = {
  attribute: 'Manufacturer' as const,
  values: ['a', 'b', 'c'],
  codes: scored.map(({ at }) => at % 3),
};

/** Milliseconds, the median of eleven. */
function median(work: () => unknown): string {
  const taken = Array.from({ length: 11 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return `${taken[5].toFixed(2)} ms`;
}
const groups = new LiveGroups(scored, attribute, 1);
const points = new OperatingPoints(scored, 1);
console.log('On the page, while a slider moves:');
console.log(`  threshold moved        ${median(() => [groups.at(0.3), points.at(0.3)])}`);
console.log(
  `  another prevalence     ${median(() => netBenefit((threshold) => points.at(threshold), 0.02))}`,
);
console.log(`  another attribute      ${median(() => new LiveGroups(scored, attribute, 2).at(0.3))}`);
console.log(`  another class          ${median(() => new OperatingPoints(scored, 2).youden())}`);
