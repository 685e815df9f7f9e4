import { GraftError } from '../contract/errors.ts';
import { sizeOf } from './parameters.ts';
import type { HostInputs, Program } from './types.ts';

/**
 * The values of one of a program's inputs.
 *
 * @throws GraftError `input-shape`, a bug of whoever runs the program
 */
export function checkedInput(
  program: Pick<Program, 'name' | 'inputs'>,
  name: string,
  given: HostInputs,
): HostInputs[string] {
  const { shape } = program.inputs[name];
  const data = given[name];
  if (data?.length === sizeOf(shape)) return data;
  throw new GraftError(
    'input-shape',
    `The program ${program.name} expects ${sizeOf(shape)} values of shape [${shape}] for ${name}, found ${data?.length ?? 'none'}.`,
    { kind: 'bug' },
  );
}
