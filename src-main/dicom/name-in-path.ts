/** What stands in place of a name where there is none, or in front of one. */
const NO_NAMES = new Set([
  'anon',
  'anonym',
  'anonymous',
  'anonymised',
  'anonymized',
  'case',
  'name',
  'none',
  'patient',
  'phantom',
  'subject',
  'test',
  'unknown',
]);

/**
 * Where in a path the patient's name stands, or −1: the family name as a word of its own, or two other parts of the
 * name. A heuristic: parts of fewer than three letters, and names with digits (which are pseudonyms), do not count, and
 * neither case, accents nor what stands between the words matter.
 *
 * @param name a Person Name (PS3.5 6.2): `Family^Given^Middle`, further writings behind `=`
 */
export function findNameInPath(path: string, name: string): number {
  if (/\d/.test(name)) return -1;
  const words = wordsOf(path);
  let found = -1;
  for (const writing of name.split('=')) {
    const [family, ...others] = writing.split('^').map((part) => partsOf(part));
    const familyAt = placeOf(words, family ?? []);
    const otherPlaces = others
      .flat()
      .map((part) => placeOf(words, [part]))
      .filter((at) => at >= 0);
    if (familyAt >= 0) found = Math.max(found, familyAt, ...otherPlaces);
    else if (otherPlaces.length >= 2) found = Math.max(found, ...otherPlaces);
  }
  return found;
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function partsOf(component: string): string[] {
  return (component.match(/\p{L}+/gu) ?? [])
    .map(plain)
    .filter((part) => [...part].length >= 3 && !NO_NAMES.has(part));
}

function wordsOf(path: string): { word: string; at: number }[] {
  return [...path.matchAll(/\p{L}+/gu)].map(({ 0: word, index }) => ({ word: plain(word), at: index }));
}

/** The last place of any of the parts. */
function placeOf(words: readonly { word: string; at: number }[], parts: readonly string[]): number {
  return words.findLast(({ word }) => parts.includes(word))?.at ?? -1;
}
