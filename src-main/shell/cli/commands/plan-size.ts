import { type Command, InvalidArgumentError } from 'commander';
import { GraftError } from '../../../contract/errors.ts';
import type { StudyPlan, StudyQuestionInput } from '../../../contract/study-plan.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples } from '../help.ts';
import { curveLines, NO_CURVE } from '../learning-curve-text.ts';
import { decimal } from '../options.ts';

interface Flags {
  project?: string;
  difference?: number;
  discordant?: number;
  auc?: number;
  otherAuc?: number;
  halfWidth?: number;
  prevalence?: number;
  correlation?: number;
  power?: number;
  alpha?: number;
  imagesPerPatient?: number;
  alike?: number;
  point?: { patients: number; score: number }[];
  target?: number;
  json?: boolean;
}

export function planSizeCommand(program: Command, context: CliContext): void {
  const share = decimal(0.001, 0.999);
  const command = program
    .command('plan-size')
    .summary('how many patients a study takes')
    .description(
      'Says how many patients it takes to find a difference of two accuracies on the same patients (McNemar; Connor 1987), to tell two areas ' +
        'apart or to know one to within a half width (Hanley and McNeil), and what more training patients would bring, by a learning curve ' +
        '(inverse power law; Figueroa et al. 2012). graft evaluate prints the share of patients on whom exactly one model is right.',
    )
    .option('-p, --project <folder>', 'a project whose finished trainings are points of the learning curve')
    .option('--difference <share>', 'difference of accuracies that should be found', share)
    .option('--discordant <share>', 'patients on whom exactly one model is right', decimal(0.001, 1))
    .option('--auc <area>', 'the area that is expected', decimal(0.501, 0.999))
    .option('--other-auc <area>', 'the area that it should be told from', decimal(0.501, 0.999))
    .option(
      '--half-width <share>',
      'half the width of the interval that the area should have',
      decimal(0.001, 0.49),
    )
    .option('--prevalence <share>', 'patients with the condition, for areas (default: 0.5)', share)
    .option('--correlation <number>', 'how much two areas vary together (default: 0.5)', decimal(0, 0.999))
    .option('--power <share>', 'how often a difference is found that is there (default: 0.8)', share)
    .option('--alpha <share>', 'how often one is found that is not (default: 0.05)', share)
    .option('--images-per-patient <number>', 'for results by image (default: 1)', decimal(1, 10_000))
    .option('--alike <share>', 'how alike results are within a patient (default: 0.5)', decimal(0, 1))
    .option(
      '--point <patients:score>',
      'a score by training patients, such as 80:0.74; may be repeated',
      point,
    )
    .option('--target <score>', 'the score that training should reach', share)
    .option('--json', 'as JSON')
    .action((flags: Flags) => {
      const plan = context.app.planStudy(
        questionOf(flags),
        flags.project === undefined ? null : projectFolder(flags.project),
      );
      context.print(flags.json ? JSON.stringify(plan, null, 2) : planText(plan));
    });
  examples(
    command,
    ['plan-size --difference 0.05 --discordant 0.15', 'two accuracies on the same patients'],
    ['plan-size --auc 0.85 --half-width 0.05 --prevalence 0.2', 'an area, and how well it should be known'],
    [
      'plan-size -p brain --point 40:0.68 --point 80:0.75 --point 160:0.79 --target 0.85',
      'more training patients?',
    ],
  );
}

function point(text: string, before: Flags['point'] = []): NonNullable<Flags['point']> {
  const [patients, score, ...rest] = text.split(':').map(Number);
  if (rest.length > 0 || !(patients > 0) || !(score >= 0 && score <= 1))
    throw new InvalidArgumentError('Expected patients:score, such as 80:0.74.');
  return [...before, { patients, score }];
}

/** @throws GraftError `usage` where half of a question was asked */
export function questionOf(flags: Flags): StudyQuestionInput {
  const { difference, discordant, auc, otherAuc, halfWidth, prevalence, correlation } = flags;
  if ((difference === undefined) !== (discordant === undefined))
    throw new GraftError(
      'usage',
      'Expected --difference and --discordant together, found one of them. graft evaluate prints the share of patients on whom exactly one model is right.',
    );
  if (auc !== undefined && otherAuc === undefined && halfWidth === undefined)
    throw new GraftError('usage', 'Expected --other-auc or --half-width beside --auc, found neither.');
  if (auc === undefined && (otherAuc !== undefined || halfWidth !== undefined))
    throw new GraftError('usage', 'Expected --auc beside --other-auc or --half-width, found none.');
  const given = <Key extends keyof Flags & keyof StudyQuestionInput>(...keys: Key[]) =>
    Object.fromEntries(keys.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])));
  return {
    ...given('power', 'alpha', 'imagesPerPatient', 'alike', 'target'),
    ...(difference !== undefined && discordant !== undefined
      ? { accuracies: { difference, discordant } }
      : {}),
    ...(auc === undefined
      ? {}
      : {
          area: {
            auc,
            ...(otherAuc === undefined ? {} : { other: otherAuc }),
            ...(halfWidth === undefined ? {} : { halfWidth }),
            ...(prevalence === undefined ? {} : { prevalence }),
            ...(correlation === undefined ? {} : { correlation }),
          },
        }),
    points: flags.point ?? [],
  };
}

function planText(plan: StudyPlan): string {
  const { accuracies, area, designEffect, curve, question } = plan;
  const lines: string[] = [];
  if (accuracies)
    lines.push(
      `To find a difference of ${question.accuracies!.difference} with a power of ${question.power}: ${accuracies.patients} patients.`,
      ...(designEffect > 1
        ? [
            `Judged image by image, ${accuracies.images} images of ${question.imagesPerPatient} each (design effect ${designEffect.toFixed(2)}).`,
          ]
        : []),
    );
  for (const { what, positives, negatives } of area)
    lines.push(
      what === 'difference'
        ? `To tell an area of ${question.area!.auc} from ${question.area!.other}: ${positives} patients with the condition and ${negatives} without.`
        : `To know an area of ${question.area!.auc} to within ±${question.area!.halfWidth}: ${positives} patients with the condition and ${negatives} without.`,
    );
  if (curve) {
    lines.push(
      `Learning curve of ${question.points.length} trainings.`,
      ...curveLines(curve, question.target),
    );
  } else if (question.points.length > 0) lines.push(NO_CURVE);
  return lines.length > 0
    ? lines.join('\n')
    : 'Nothing was asked. Try: graft plan-size --difference 0.05 --discordant 0.15';
}
