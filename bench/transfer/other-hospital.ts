import { type SamplePatient, samplePatients } from '../../src-main/samples/sample-patients.ts';
import { scanners } from '../../src-main/samples/scanners.ts';
import { lungPicture } from './lung-picture.ts';

/** Whether there is anything in the lung: what a hospital may have in thousands, from its archive of reports. */
export const otherHospitalClasses = ['nothing', 'something'] as const;

const PATIENTS = 60_000;
const dealt = new Map<number, SamplePatient[]>();

/** A patient of the second drawn hospital, with a scanner of its own; the same seed and index always give the same. */
export function drawOtherHospital(
  seed: number,
  index: number,
  size: number,
): { pixels: Float32Array; label: number } {
  const patients =
    dealt.get(seed) ?? samplePatients(seed, scanners[1], PATIENTS).filter(({ inverted }) => !inverted);
  dealt.set(seed, patients);
  const patient = patients[index % patients.length];
  return { pixels: lungPicture(seed, patient, size), label: patient.finding === 'none' ? 0 : 1 };
}
