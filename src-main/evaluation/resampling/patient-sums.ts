/**
 * Sums over the cases of a resample, by cell (of a confusion matrix, a bin, a share): what a patient's cases come to in a cell is added up once,
 * and a resample adds each as often as the patient was drawn.
 */
export class PatientSums {
  /** Of each part its patient, cell after cell. */
  readonly #patients: Int32Array;
  readonly #amounts: Float64Array;
  /** Where each cell's parts end. */
  readonly #ends: Int32Array;
  readonly #sums: Float64Array;

  /**
   * @param cellOf for each case its cell, from 0; below 0 it counts nowhere
   * @param amounts what each case adds; default 1
   */
  constructor(
    cellOf: ArrayLike<number>,
    patientOf: ArrayLike<number>,
    cells: number,
    amounts?: ArrayLike<number>,
  ) {
    const ofCell = Array.from({ length: cells }, () => new Map<number, number>());
    for (let i = 0; i < cellOf.length; i++) {
      if (cellOf[i] < 0) continue;
      const parts = ofCell[cellOf[i]];
      parts.set(patientOf[i], (parts.get(patientOf[i]) ?? 0) + (amounts ? amounts[i] : 1));
    }
    this.#patients = Int32Array.from(ofCell.flatMap((parts) => [...parts.keys()]));
    this.#amounts = Float64Array.from(ofCell.flatMap((parts) => [...parts.values()]));
    let end = 0;
    this.#ends = Int32Array.from(ofCell, (parts) => (end += parts.size));
    this.#sums = new Float64Array(cells);
  }

  /** Of each cell. The array is used again by the next call. */
  of(counts: Float64Array): Float64Array {
    const [patients, amounts, ends, sums] = [this.#patients, this.#amounts, this.#ends, this.#sums];
    let at = 0;
    for (let cell = 0; cell < ends.length; cell++) {
      let sum = 0;
      for (const end = ends[cell]; at < end; at++) sum += counts[patients[at]] * amounts[at];
      sums[cell] = sum;
    }
    return sums;
  }
}
