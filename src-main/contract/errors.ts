/**
 * The three kinds of failure: what a person can put right (`expected`), what a person asked for (`cancelled`),
 * and what is our fault (`bug`).
 */
export type ErrorKind = 'expected' | 'cancelled' | 'bug';

/** A failure as plain data, the shape in which it crosses process boundaries and is stored. */
export interface ErrorRecord {
  kind: ErrorKind;
  code: string;
  message: string;
  cause?: string;
}

/**
 * An error with a code and one sentence for people: what was expected, what was found, what to do.
 *
 * @example
 * throw new GraftError('labels-no-key', 'labels.csv needs a column path, sop_instance_uid or patient_id; found: a, b. Rename one of them.');
 */
export class GraftError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;

  constructor(code: string, message: string, options: { kind?: ErrorKind; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GraftError';
    this.code = code;
    this.kind = options.kind ?? 'expected';
  }

  static cancelled(what: string): GraftError {
    return new GraftError('cancelled', `${what} was cancelled; everything finished so far is kept.`, {
      kind: 'cancelled',
    });
  }

  /** Anything thrown, as a GraftError: what is not one already becomes a `bug`. */
  static from(thrown: unknown): GraftError {
    if (thrown instanceof GraftError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new GraftError('unexpected', message, { kind: 'bug', cause: thrown });
  }

  toRecord(): ErrorRecord {
    const cause = this.cause instanceof Error ? (this.cause.stack ?? this.cause.message) : this.cause;
    return {
      kind: this.kind,
      code: this.code,
      message: this.message,
      ...(cause === undefined ? {} : { cause: String(cause) }),
    };
  }

  static fromRecord(record: ErrorRecord): GraftError {
    return new GraftError(record.code, record.message, { kind: record.kind, cause: record.cause });
  }
}
