import type { Elements } from '../write/elements.ts';
import { type Code, codeItem, oneLine } from './codes.ts';
import { instanceItem } from './document.ts';
import type { InstanceReference } from './subject.ts';

/** How a content item belongs to the one that holds it (PS3.3 C.17.3.2.4). */
export type Relationship = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'INFERRED FROM';

const item = (relationship: Relationship, type: string, concept: Code | null, rest: Elements): Elements => ({
  RelationshipType: relationship,
  ValueType: type,
  ...(concept ? { ConceptNameCodeSequence: [codeItem(concept)] } : {}),
  ...rest,
});

const children = (content: readonly Elements[]): Elements =>
  content.length > 0 ? { ContentSequence: content } : {};

/** Content items of a structured report (PS3.3 C.17.3), each with what it holds. */
export const container = (
  relationship: Relationship,
  concept: Code,
  content: readonly Elements[],
): Elements =>
  item(relationship, 'CONTAINER', concept, { ContinuityOfContent: 'SEPARATE', ...children(content) });

export const codeContent = (
  relationship: Relationship,
  concept: Code,
  value: Code,
  content: readonly Elements[] = [],
): Elements =>
  item(relationship, 'CODE', concept, { ConceptCodeSequence: [codeItem(value)], ...children(content) });

export const textContent = (relationship: Relationship, concept: Code, text: string): Elements =>
  item(relationship, 'TEXT', concept, { TextValue: oneLine(text) });

export const uidContent = (relationship: Relationship, concept: Code, uid: string): Elements =>
  item(relationship, 'UIDREF', concept, { UID: uid });

export const imageContent = (
  relationship: Relationship,
  concept: Code | null,
  reference: InstanceReference,
): Elements => item(relationship, 'IMAGE', concept, { ReferencedSOPSequence: [instanceItem(reference)] });

/** The number as decimal text of at most 16 characters, and beside it as a float64, which keeps all of it. */
export const numberContent = (
  relationship: Relationship,
  concept: Code,
  value: number,
  unit: Code,
  content: readonly Elements[] = [],
): Elements =>
  item(relationship, 'NUM', concept, {
    MeasuredValueSequence: [
      {
        NumericValue: decimal(value),
        FloatingPointValue: value,
        MeasurementUnitsCodeSequence: [codeItem(unit)],
      },
    ],
    ...children(content),
  });

/** As many digits as fit into a DS. */
function decimal(value: number): string {
  for (let digits = 15; ; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
}
