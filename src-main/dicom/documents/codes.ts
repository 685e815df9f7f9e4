import { createHash } from 'node:crypto';
import type { Elements } from '../write/elements.ts';

/** A coded concept (PS3.16): value, scheme and what it means to people. */
export type Code = readonly [value: string, scheme: string, meaning: string];

/** Graft's own scheme, for classes that a person made and no standard has a code for. */
export const PRIVATE_SCHEME = '99GRAFT';

/** What SR and Encapsulated Document say of the private scheme, as PS3.3 C.12.1.1.7 asks. */
export const codingSchemes: readonly Elements[] = [
  {
    CodingSchemeDesignator: PRIVATE_SCHEME,
    CodingSchemeUID: '2.25.250893712047365041866352498320651730449',
    CodingSchemeName: 'Classes and findings of a Graft project, by their names',
    CodingSchemeResponsibleOrganization: 'Graft',
  },
];

/** One item of a code sequence. */
export const codeItem = ([CodeValue, CodingSchemeDesignator, CodeMeaning]: Code): Elements => ({
  CodeValue,
  CodingSchemeDesignator,
  CodeMeaning: oneLine(CodeMeaning).slice(0, 64),
});

/** What a backslash or a line break would split or end. */
export const oneLine = (text: string): string => text.replaceAll(/[\\\p{Cc}]+/gu, ' ').trim() || '-';

const idOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12).toUpperCase();

/** A class that a person named: the same code for the same name, in every project. */
export const classCode = (name: string): Code => [`C${idOf(name)}`, PRIVATE_SCHEME, name];
/** The probability of a class. */
export const probabilityCode = (name: string): Code => [
  `P${idOf(name)}`,
  PRIVATE_SCHEME,
  `Probability of ${name}`,
];

/** UCUM's unity: a probability has no unit. */
export const NO_UNITS: Code = ['1', 'UCUM', 'no units'];

const MODALITIES: Record<string, Code> = {
  CR: ['168537006', 'SCT', 'Plain radiography'],
  CT: ['77477000', 'SCT', 'Computed tomography'],
  DX: ['168537006', 'SCT', 'Plain radiography'],
  MG: ['71651007', 'SCT', 'Mammography'],
  MR: ['113091000', 'SCT', 'Magnetic resonance imaging'],
  NM: ['373205008', 'SCT', 'Nuclear medicine imaging procedure'],
  PT: ['82918005', 'SCT', 'Positron emission tomography'],
  US: ['16310003', 'SCT', 'Ultrasonography'],
};

/** The procedure that images of a modality come from. */
export const procedureOf = (modality: string | null): Code =>
  MODALITIES[modality ?? ''] ?? ['363679005', 'SCT', 'Imaging'];
