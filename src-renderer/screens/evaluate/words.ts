import type {
  AggregationRule,
  SubgroupAttribute,
  Unit,
} from '../../../src-main/contract/analysis-settings.ts';
import type { Estimate } from '../../../src-main/contract/evaluation.ts';
import { type Approach, nameOfApproach, type TrainedApproach } from '../../../src-main/contract/run.ts';

export const approachNames: Record<TrainedApproach, string> = {
  majority: 'Majority class',
  probe: 'Pre-trained, not fine-tuned',
  scratch: 'From scratch',
  'fine-tuned': 'Fine-tuned',
};

/** Of findings there is no majority class: guessing says how frequent each is. */
export const approachName = (approach: Approach, multiLabel = false): string =>
  multiLabel && approach === 'majority' ? 'Frequency alone' : nameOfApproach(approach, approachNames);

/** 0.734 → ".734", as journals print it; null is "–". */
export const score = (value: number | null): string => (value === null ? '–' : value.toFixed(3));

/** "0.700–0.810", or why there is none. */
export function interval({ value, low, high, withheld }: Estimate): string {
  if (value === null) return '';
  if (low !== null && high !== null) return `${low.toFixed(3)}–${high.toFixed(3)}`;
  return withheld === 'too-few-patients' ? 'too few patients' : 'no interval';
}

/** "Balanced accuracy" → "balanced accuracy"; AUC stays as it is. */
export const withinSentence = (title: string): string =>
  /^[A-Z][a-z]/.test(title) ? `${title[0].toLowerCase()}${title.slice(1)}` : title;

/** 0.042 → "+0.042" */
export const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;

/** A p-value, to three digits. */
export const chance = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));

export const unitNames: Record<Unit, string> = { image: 'Image', series: 'Series', patient: 'Patient' };

export const aggregationNames: Record<AggregationRule, string> = {
  mean: 'mean of the images',
  max: 'largest probability',
  'noisy-or': 'noisy-or',
  majority: 'majority of the images',
};

const attributeNames: Partial<Record<SubgroupAttribute, string>> = {
  AgeBand: 'Age',
  source: 'Folder',
  PatientSex: 'Sex',
  ManufacturerModelName: 'Model of the scanner',
  InstitutionName: 'Institution',
  StationName: 'Station',
  MagneticFieldStrength: 'Field strength (T)',
  KVP: 'Tube voltage (kV)',
  SliceThickness: 'Slice thickness (mm)',
  BodyPartExamined: 'Body part',
  ViewPosition: 'View',
  SeriesDescription: 'Series description',
  ProtocolName: 'Protocol',
  StudyYear: 'Year',
  TransferSyntaxUID: 'Encoding',
  PhotometricInterpretation: 'Colours',
  NumberOfFrames: 'Frames',
};

/** An attribute as a person says it. */
export const attributeName = (attribute: SubgroupAttribute): string => attributeNames[attribute] ?? attribute;
