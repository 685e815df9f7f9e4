import { dimensionSchema, sweepSchema, type SweepInput } from '../../contract/sweep.ts';
import { unknownKeys } from '../../platform/schema-shape.ts';
import { readYamlFile } from '../yaml-file.ts';

/**
 * Reads a sweep from a YAML or JSON file. Fields of the space stand by their names with dots, or one inside the other.
 *
 * @returns the sweep as it was written, defaults not filled in
 * @throws GraftError `sweep-file`
 */
export function readSweepFile(path: string): SweepInput {
  const { value, wrong } = readYamlFile(path, 'a sweep', 'sweep-file');
  if (!isPlain(value)) throw wrong('no names with values; it needs at least a space');
  const { space, ...rest } = value;
  if (!isPlain(space)) throw wrong('no space: a field of the plan, and what it may become, on each line');
  const unknown = unknownKeys(sweepSchema, rest);
  if (unknown.length > 0) throw wrong(unknown.join('; '));
  const fields = flat(space);
  const [odd] = fields.filter(([, dimension]) => !dimensionSchema.safeParse(dimension).success);
  if (odd) {
    throw wrong(
      `${JSON.stringify(odd[1])} for ${odd[0]}; write a list of values, or low and high, and log: true to draw its logarithm`,
    );
  }
  const sweep = { ...rest, space: Object.fromEntries(fields) };
  const parsed = sweepSchema.safeParse(sweep);
  if (parsed.success) return sweep as SweepInput;
  const [{ path: place, message }] = parsed.error.issues;
  throw wrong(`${place.join('.')}: ${message}`);
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const KEYS = ['choices', 'low', 'high', 'log'];

/** Fields inside one another by their names with dots; what holds none but the words of a dimension is one. */
function flat(space: Record<string, unknown>, above = ''): [string, unknown][] {
  return Object.entries(space).flatMap(([name, value]): [string, unknown][] => {
    const whole = above === '' ? name : `${above}.${name}`;
    const isField = !isPlain(value) || Object.keys(value).every((key) => KEYS.includes(key));
    return isField ? [[whole, value]] : flat(value, whole);
  });
}
