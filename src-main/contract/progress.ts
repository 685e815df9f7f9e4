/** One report of a long operation. `total` and `secondsLeft` are null while they are not yet known. */
export interface Progress {
  /** What is being done, in words a person reads: "Reading headers". */
  phase: string;
  done: number;
  total: number | null;
  /** What is counted: "files", "images", "epochs". */
  unit: string;
  /** Units per second over the last few seconds. */
  rate: number;
  secondsLeft: number | null;
  /** One short extra fact: "loss 0.412", "3 refused". */
  detail?: string;
  /** Memory held by the process that does the work, in bytes; left out where the application does it itself. */
  memoryBytes?: number;
}

export type ProgressListener = (progress: Progress) => void;
