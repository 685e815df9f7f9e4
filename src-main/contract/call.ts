import type { z } from 'zod';
import type { ErrorRecord } from './errors.ts';

/** One call of the contract: the schema of what goes in, and (as a type alone) what comes out. */
export interface Call<Input extends z.ZodType = z.ZodType, Output = unknown> {
  input: Input;
  /** Never there: it carries the type. */
  readonly output?: Output;
}

/**
 * Declares a call.
 *
 * @example
 * const calls = { 'runs.get': call(z.object({ id: z.int() })).returns<Run>() };
 */
export function call<Input extends z.ZodType>(input: Input): { returns: <Output>() => Call<Input, Output> } {
  return { returns: () => ({ input }) };
}

/** A set of calls by name. */
export type CallTable = Record<string, Call>;

/** What the caller gives: fields with defaults may be left out. */
export type InputOf<Of extends Call> = z.input<Of['input']>;
/** What the handler gets: checked, defaults filled in. */
export type ParsedInputOf<Of extends Call> = z.output<Of['input']>;
export type OutputOf<Of extends Call> = Of extends Call<z.ZodType, infer Output> ? Output : never;

/** An answer as it crosses between the two sides: a failure is data, never a thrown thing. */
export type Answer<Output = unknown> = { ok: true; value: Output } | { ok: false; error: ErrorRecord };
