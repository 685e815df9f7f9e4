import { elementwise } from './elementwise.ts';
import { images } from './images.ts';
import type { Operators } from './operator.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';

/** Of constants alone: see `foldConstants`. */
const constant: Operators[string] = (t) => {
  throw t.unsupported('what comes from the image');
};

/** Every operator of ONNX that Graft has. */
export const operators: Operators = {
  And: constant,
  Ceil: constant,
  Constant: constant,
  ConstantOfShape: constant,
  Equal: constant,
  Floor: constant,
  Greater: constant,
  Less: constant,
  Mod: constant,
  Not: constant,
  Or: constant,
  Range: constant,
  ReduceProd: constant,
  Shape: constant,
  Size: constant,
  Where: constant,
  ...elementwise,
  ...images,
  ...products,
  ...reductions,
  ...shapes,
};
