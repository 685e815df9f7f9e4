/**
 * Names that a freeze map can show and a command line can take: what parts words in other frameworks becomes a dot, repeats of
 * the whole before it go, and every name is there once.
 *
 * @returns the clean name of each, in the same order
 */
export function cleanNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const clean =
      name
        .replace(/^\/+|\/+$/g, '')
        .replaceAll(/[/\\:;,\s]+/g, '.')
        .replaceAll(/[^\w.#()[\]-]/g, '_')
        .replaceAll(/\.{2,}/g, '.')
        .slice(-120) || 'layer';
    let free = clean;
    for (let count = 2; used.has(free); count++) free = `${clean}_${count}`;
    used.add(free);
    return free;
  });
}
