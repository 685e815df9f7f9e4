/** Whom a set is made of, as the files' headers say. No value stands for a single person: ages are quartiles, years a range. */
export interface SetCharacteristics {
  set: string;
  images: number;
  patients: number;
  /** Patients by PatientSex. */
  sex: { name: string; count: number }[];
  /** Years: median and quartiles over patients; null where fewer than five state an age. */
  age: { median: number; lower: number; upper: number; known: number } | null;
  /** First and last year of the studies; null where none is stated. */
  years: [number, number] | null;
  /** Images by Manufacturer. */
  manufacturers: { name: string; count: number }[];
}
