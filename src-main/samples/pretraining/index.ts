import { RandomStream } from '../../platform/random.ts';
import { type Field, paint, type Pattern } from '../drawing-field.ts';
import { contourCategory, drawContour } from './contours.ts';
import { finish, scenery } from './finish.ts';
import { drawFractal, fractalCategory } from './fractals.ts';
import { bodies } from './phantom-bodies.ts';
import { phantomFindings } from './phantom-findings.ts';
import { drawProgramPicture, programCategory } from './programs.ts';
import { shapeClasses, shapeDrawers } from './shapes.ts';

/** A kind of drawn picture, its classes, and how often it comes. */
interface Family {
  name: string;
  classes: readonly string[];
  share: number;
  draw: (field: Field, label: number, random: RandomStream) => Where | void;
}

/** Where in a picture something was found, and where the organ is: patterns, before noise. */
interface Where {
  /** How much the finding changed what would be there without it. */
  change: Pattern;
  organ: Pattern;
}

/** Side of the maps that say where. */
export const WHERE_SIZE = 32;

/** Categories that stand for nothing but themselves have numbers, not names. */
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${i}`);

/** Made when they are first drawn: looking for one takes as long as drawing some pictures. */
function categories<Category>(make: (label: number) => Category): (label: number) => Category {
  const made = new Map<number, Category>();
  return (label) => {
    const known = made.get(label) ?? make(label);
    made.set(label, known);
    return known;
  };
}

const FORMULAS = 400;
const fractalOf = categories(fractalCategory);
const contourOf = categories(contourCategory);
const programOf = categories(programCategory);

const families: readonly Family[] = [
  {
    name: 'phantoms',
    classes: bodies.flatMap((body) => phantomFindings.map((finding) => `${body.name}, ${finding.name}`)),
    share: 0.45,
    draw: (field, label, random) => {
      const body = bodies[Math.floor(label / phantomFindings.length)].draw(random);
      const finding = phantomFindings[label % phantomFindings.length].draw(random, body);
      paint(field, (x, y) => finding(body.tissue(x, y), x, y));
      return {
        organ: body.organ,
        change: (x, y) => {
          const tissue = body.tissue(x, y);
          return finding(tissue, x, y) - tissue;
        },
      };
    },
  },
  {
    name: 'shapes',
    classes: shapeClasses,
    share: 0.13,
    draw: (field, label, random) => {
      const object = shapeDrawers[label](random);
      const contrast = random.uniform(0.25, 0.9) * (random.uniform() < 0.3 ? -1 : 1);
      const background = scenery(random);
      paint(field, (x, y) => background(x, y) + contrast * object(x, y));
    },
  },
  {
    name: 'fractals',
    classes: numbered('fractal', FORMULAS),
    share: 0.12,
    draw: (field, label, random) => {
      paint(field, scenery(random));
      drawFractal(field, fractalOf(label), random);
    },
  },
  {
    name: 'contours',
    classes: numbered('contour', FORMULAS),
    share: 0.14,
    draw: (field, label, random) => {
      paint(field, scenery(random));
      drawContour(field, contourOf(label), random);
    },
  },
  {
    name: 'programs',
    classes: numbered('program', FORMULAS),
    share: 0.16,
    draw: (field, label, random) => drawProgramPicture(field, programOf(label), random),
  },
];

/** Classes of all families, one after the other. */
export const PRETRAINING_CLASSES: readonly string[] = families.flatMap(({ classes }) => classes);

/** Families with the number of their first class. */
export const pretrainingFamilies: readonly { name: string; first: number; count: number }[] = families.map(
  ({ name, classes }, at) => ({
    name,
    first: families.slice(0, at).reduce((sum, before) => sum + before.classes.length, 0),
    count: classes.length,
  }),
);

export interface DrawnImage {
  /** size² grey values in [0, 1], rows first. */
  pixels: Float32Array;
  /** Place in `PRETRAINING_CLASSES`. */
  label: number;
  /** Of phantoms: the change by the finding, then the organ, WHERE_SIZE² each; null for all others. */
  where: Float32Array | null;
}

/**
 * One of the pictures on which the starter is pre-trained: drawn by formula, no photograph and no patient in
 * it. The same seed and index always give the same.
 */
export function drawPretrainingImage(seed: number, index: number, size = 128): DrawnImage {
  const random = new RandomStream(seed, 'pretraining', index);
  let family = 0;
  for (let left = random.uniform(); family < families.length - 1; family++) {
    left -= families[family].share;
    if (left < 0) break;
  }
  const { classes, draw } = families[family];
  const label = random.integer(classes.length);
  const field: Field = { size, pixels: new Float32Array(size * size) };
  const where = draw(field, label, random);
  finish(field, random);
  return {
    pixels: field.pixels,
    label: pretrainingFamilies[family].first + label,
    where: where ? mapsOf(where) : null,
  };
}

function mapsOf({ change, organ }: Where): Float32Array {
  const area = WHERE_SIZE ** 2;
  const maps = new Float32Array(2 * area);
  paint({ size: WHERE_SIZE, pixels: maps.subarray(0, area) }, change);
  paint({ size: WHERE_SIZE, pixels: maps.subarray(area) }, organ);
  return maps;
}
