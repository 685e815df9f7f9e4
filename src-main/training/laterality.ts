import type { AugmentationChoice, ImageKind } from '../contract/augmentation-choice.ts';

/** Words for sides at the beginning of a word of a class name, in the languages that labels are written in. */
const SIDE =
  /^(left|right|links|rechts|linke|rechte|gauche|droite?$|izquierd|derech|sinist|destr[ao]$|esquerd|direit|lew[aey]$|praw[aey]$|vänster|höger|venstre|højre|høyre|dext|situs)/u;
/** Abbreviations say sides only where both occur: "knee L" beside "knee R". */
const PAIRS = [
  ['l', 'r'],
  ['lt', 'rt'],
  ['li', 're'],
  ['sin', 'dex'],
  ['od', 'os'],
] as const;

/** Organs that lie on one side, or do not look alike from both (BodyPartExamined, PS3.16 CID 4031). */
const ONE_SIDED =
  /CHEST|THORAX|LUNG|HEART|CARDI|ABDOMEN|LIVER|SPLEEN|STOMACH|PANCREAS|COLON|BOWEL|AORTA|RIB|GALLBLADDER/;
const PAIRED =
  /BREAST|KNEE|HIP|SHOULDER|HAND|FOOT|ANKLE|ELBOW|WRIST|EYE|ORBIT|RETINA|EAR\b|KIDNEY|ADRENAL|OVAR|TESTI|FEMUR|TIBIA|FIBULA|HUMERUS|RADIUS|ULNA|CLAVICLE|SCAPULA|\bLEG|\bARM|FOREARM|FINGER|THUMB|\bTOE|CALCANEUS|PATELLA|EXTREMITY|LIMB|CAROTID|PAROTID/;
/** Slides of tissue and photographs of skin: a piece has no sides, whatever it was taken from. */
const WITHOUT_SIDES = ['SM', 'GM', 'DMS'];
const PHOTOGRAPHS = ['XC', 'ES'];

const listed = new Intl.ListFormat('en', { type: 'conjunction' });
const upper = (text: string | null): string => (text ?? '').trim().toUpperCase();

/**
 * Whether left and right mean something in images of these kinds and classes, and why: because classes are named after sides, because
 * headers name the side (Laterality, ImageLaterality), because an organ lies on one side, or because there are two of it. `free` only
 * where it is known that they do not: slides of tissue, and photographs that name no side.
 */
export function sidesOf(
  kinds: readonly ImageKind[],
  classes: readonly string[],
): Pick<AugmentationChoice, 'sides' | 'sideReasons'> {
  const reasons: string[] = [];
  const named = sideNames(classes);
  if (named.length > 0) {
    const names = named.slice(0, 3).map((name) => `“${name}”`);
    reasons.push(`classes are named after sides (${listed.format(names)})`);
  }
  const withSides = kinds.filter(({ Modality }) => !WITHOUT_SIDES.includes(upper(Modality)));
  const sided = withSides.filter(({ Laterality }) => ['L', 'R'].includes(upper(Laterality)));
  if (sided.length > 0) reasons.push(`${countOf(sided)} images name the side that they show (Laterality)`);
  const parts = (pattern: RegExp): string[] => [
    ...new Set(withSides.map((kind) => upper(partOf(kind))).filter((part) => pattern.test(part))),
  ];
  const oneSided = parts(ONE_SIDED);
  if (oneSided.length > 0)
    reasons.push(`organs of the ${listed.format(oneSided.map((part) => part.toLowerCase()))} have a side`);
  const paired = parts(PAIRED);
  if (paired.length > 0)
    reasons.push(`there are two of ${listed.format(paired.map((part) => part.toLowerCase()))}`);
  if (reasons.length > 0) return { sides: 'matter', sideReasons: reasons };
  const free =
    kinds.length > 0 &&
    kinds.every(({ Modality, BodyPartExamined }) => {
      const modality = upper(Modality);
      return (
        WITHOUT_SIDES.includes(modality) ||
        PHOTOGRAPHS.includes(modality) ||
        upper(BodyPartExamined) === 'SKIN'
      );
    });
  return { sides: free ? 'free' : 'unclear', sideReasons: [] };
}

/** What a mammogram shows is known whether or not its header says it. */
const partOf = ({ Modality, BodyPartExamined }: ImageKind): string | null =>
  BodyPartExamined ?? ({ MG: 'BREAST', OP: 'EYE', OPT: 'EYE' }[upper(Modality)] || null);

const countOf = (kinds: readonly ImageKind[]): number => kinds.reduce((sum, { images }) => sum + images, 0);

/** Class names with a side in them. */
export function sideNames(classes: readonly string[]): string[] {
  const words = classes.map((name) =>
    name
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .split(/[^\p{L}]+/u),
  );
  const all = new Set(words.flat());
  const abbreviations = PAIRS.filter((pair) => pair.every((word) => all.has(word))).flat() as string[];
  return classes.filter((_, at) => words[at].some((word) => SIDE.test(word) || abbreviations.includes(word)));
}
