import type { ModelChoice } from '../../contract/calls/models.ts';
import type { Desk } from './desk.ts';
import { valueOf } from './browse/tree.ts';

const count = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/**
 * What speaks for and against a model on the open project's images. Facts, no scores.
 *
 * @param hasAdded whether weights for it were added to the project
 */
export function fitOf(
  desk: Desk,
  model: Pick<ModelChoice, 'pretrained' | 'inputSize' | 'parameters'>,
  hasAdded: boolean,
): ModelChoice['fit'] {
  const browser = desk.browser();
  const { table } = browser;
  const images = table.ids.length;
  const fit: ModelChoice['fit'] = [
    model.pretrained
      ? { tone: 'good', text: 'Pre-trained weights are at hand.' }
      : hasAdded
        ? { tone: 'good', text: 'Weights that you added are above; here it starts at random.' }
        : {
            tone: 'warn',
            text: 'No weights are at hand: it would start at random, unless you add a weight file.',
          },
  ];
  if (images === 0) return fit;
  const sides = Array.from({ length: images }, (_, row) =>
    Math.min(Number(valueOf(table.attributes.Rows, row)), Number(valueOf(table.attributes.Columns, row))),
  ).sort((a, b) => a - b);
  const middle = sides[sides.length >> 1];
  if (middle > 3 * model.inputSize) {
    fit.push({
      tone: 'warn',
      text: `Your images are mostly ${middle} pixels; shrunk to ${model.inputSize}, small findings can vanish.`,
    });
  } else
    fit.push({
      tone: 'plain',
      text: `Your images are mostly ${middle} pixels; it was made for ${model.inputSize}.`,
    });
  const labelled = browser.labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0);
  if (labelled > 0) {
    const perImage = model.parameters / labelled;
    // Random weights that are frozen stay random: there only another network helps.
    const advice = model.pretrained ? ': freeze most of it' : ': too few to learn them from nothing';
    fit.push({
      tone: perImage > 20_000 ? 'warn' : 'plain',
      text: `${count.format(labelled)} labelled images for ${short.format(model.parameters)} weights${perImage > 20_000 ? advice : ''}.`,
    });
  }
  return fit;
}
