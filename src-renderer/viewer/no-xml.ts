/** Stands in for xmlbuilder2 in the page (build/renderer.config.ts): nothing here reads or writes VTK's XML. */
export function create(): never {
  throw new Error('XML files of VTK are not supported.');
}
