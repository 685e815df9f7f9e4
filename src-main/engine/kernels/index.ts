import { registerElementwise } from './elementwise.ts';
import { registerImages } from './images.ts';
import { registerProducts } from './products.ts';
import { registerReductions } from './reductions.ts';
import { registerShapes } from './shapes.ts';

/** Every TF.js kernel that a compiled program may use. */
export function registerTraceKernels(): void {
  registerElementwise();
  registerShapes();
  registerReductions();
  registerProducts();
  registerImages();
}
